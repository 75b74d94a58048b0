//! How a menu's tree travels in a form. A small one as JSON; a large one would make a page of half a megabyte, and is packed. Nothing
//! secret is in it. Knows nothing of what becomes of it.

use super::draft::Item;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use miniz_oxide::deflate::compress_to_vec_zlib;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

/// Bytes that travel as they are.
const SMALL: usize = 8 << 10;
/// The most bytes that come of unpacking: far more than the largest menu has, and little enough to hold.
const MOST: usize = 4 << 20;
/// As good as it gets without taking milliseconds.
const LEVEL: u8 = 6;

/// The items as a form has them.
pub(super) fn pack(items: &[Item]) -> String {
    let text = serde_json::to_string(items).unwrap_or_default();
    match text.len() > SMALL {
        true => URL_SAFE_NO_PAD.encode(compress_to_vec_zlib(text.as_bytes(), LEVEL)),
        false => text,
    }
}

/// The items out of a form; `None`: no page of ours sends that.
pub(super) fn unpack(text: &str) -> Option<Vec<Item>> {
    if text.starts_with('[') {
        return serde_json::from_str(text).ok();
    }
    let packed = URL_SAFE_NO_PAD.decode(text).ok()?;
    serde_json::from_slice(&decompress_to_vec_zlib_with_limit(&packed, MOST).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(count: usize) -> Vec<Item> {
        let item = |n| Item { name: format!("item-{n}"), href: format!("/department/page-{n}"), ..Item::default() };
        (0..count).map(item).collect()
    }

    #[test]
    fn what_is_packed_is_unpacked() {
        for count in [0, 1, 1000] {
            assert_eq!(unpack(&pack(&items(count))), Some(items(count)));
        }
        assert!(pack(&items(1)).starts_with('['));
        assert!(pack(&items(1000)).len() < 20_000);
    }

    #[test]
    fn what_is_no_tree_or_unpacks_without_end_is_not_read() {
        let bomb = URL_SAFE_NO_PAD.encode(compress_to_vec_zlib(&vec![b' '; MOST + 1], LEVEL));
        assert!(bomb.len() < 10_000);
        for text in ["", "{}", "AAAA", "[", &bomb] {
            assert_eq!(unpack(text), None);
        }
    }
}
