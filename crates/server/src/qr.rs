//! QR codes as SVG, for an app's camera. Knows nothing of what stands in them.

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code, without which cameras do not find it (ISO/IEC 18004).
const BORDER: i32 = 4;

/// A square picture of this text, black on white whatever the page around it looks like. Empty for a text that is too long
/// for any code: 2,331 bytes.
pub(crate) fn svg(text: &str) -> String {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return String::new() };
    let size = code.size();
    let mut path = String::new();
    for y in 0..size {
        let mut x = 0;
        while x < size {
            // What is dark side by side is drawn at once; outside everything is light.
            let run = (x..).take_while(|x| code.get_module(*x, y)).count();
            if run > 0 {
                path.push_str(&format!("M{} {}h{run}v1h-{run}z", x + BORDER, y + BORDER));
            }
            x += 1 + i32::try_from(run).unwrap_or(size);
        }
    }
    let side = size + 2 * BORDER;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\" fill=\"#000\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_a_border() {
        let svg = svg("otpauth://totp/Rolebook:ada?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 "), "{svg}");
        // The finder pattern's corner stands right behind the border.
        assert!(svg.contains("d=\"M4 4h7v1h-7z"), "{svg}");
        assert!(!svg.contains("M3 "), "nothing dark in the border");
        assert_eq!(super::svg(&"x".repeat(3000)), "");
    }
}
