//! Texts of what one shows of oneself: another password, the present one again, a second factor more.

super::words! {
    /// Of passwords, proof and second factors.
    struct CredentialsWords {
        password: "Choose a new password", "Wählen Sie ein neues Passwort";
        password_step: "Your password was reset, or no longer meets what is asked of it. You sign in with the new one then.",
            "Ihr Passwort wurde zurückgesetzt oder genügt nicht mehr dem, was verlangt wird. Danach melden Sie sich mit dem neuen an.";
        password_lead: "You will be signed out everywhere but here.", "Sie werden überall abgemeldet außer hier.";
        current: "Present password", "Bisheriges Passwort";
        new: "New password", "Neues Passwort";
        at_least: "Characters, at least:", "Mindestlänge in Zeichen:";
        save: "Save the password", "Passwort speichern";

        prove: "Is it you?", "Sind Sie es?";
        prove_lead: "What you want to do is protected. Show your password once more, then you are back where you were.",
            "Was Sie tun wollen, ist geschützt. Zeigen Sie Ihr Passwort noch einmal, dann geht es dort weiter.";
        wrong: "This is not your present password.", "Das ist nicht Ihr bisheriges Passwort.";
        go_on: "Continue", "Weiter";
        back: "Back", "Zurück";

        enrol: "Add a second factor", "Zweiten Faktor einrichten";
        enrol_step: "This environment asks for one besides your password. Choose how you want to show it from now on.",
            "Diese Umgebung verlangt neben dem Passwort einen zweiten Faktor. Wählen Sie, womit Sie ihn von nun an zeigen.";
        enrol_lead: "With it nobody signs in as you who knows no more than your password.",
            "Damit kann sich niemand als Sie anmelden, der nur Ihr Passwort kennt.";
        totp: "Authenticator app", "Authenticator-App";
        totp_about: "An app on your telephone shows six digits, which you type in when you sign in.",
            "Eine App auf Ihrem Telefon zeigt sechs Ziffern, die Sie beim Anmelden eingeben.";
        use_totp: "Use an app", "App verwenden";
        passkey: "Passkey", "Passkey";
        passkey_about: "Your device or a security key signs you in, with a fingerprint, your face or a PIN.",
            "Ihr Gerät oder ein Sicherheitsschlüssel meldet Sie an, mit Fingerabdruck, Gesicht oder PIN.";
        use_passkey: "Make a passkey", "Passkey anlegen";
        not_made: "No passkey was made, or this device has one already. Try again, or use an app.",
            "Es wurde kein Passkey angelegt, oder dieses Gerät hat schon einen. Versuchen Sie es noch einmal, oder verwenden Sie eine App.";
        start_over: "Sign in as somebody else", "Als jemand anderes anmelden";

        scan: "Scan this with your app", "Scannen Sie dies mit Ihrer App";
        picture: "QR code of the secret below", "QR-Code des Schlüssels unten";
        secret: "No camera? Type this into the app", "Keine Kamera? Tippen Sie dies in die App";
        code: "The six digits that it shows then", "Die sechs Ziffern, die sie dann zeigt";
        wrong_code: "This code is wrong or too old. Is the clock of your telephone right? Enter the next one.",
            "Dieser Code ist falsch oder zu alt. Geht die Uhr Ihres Telefons richtig? Geben Sie den nächsten ein.";
        turn_on: "Turn on", "Einschalten";
        other_way: "Choose another way", "Anders einrichten";

        codes: "Your recovery codes", "Ihre Wiederherstellungscodes";
        codes_lead: "Each of them stands in once for your second factor, if you lose it. Write them down and keep them safe: they are not shown again.",
            "Jeder ersetzt einmal Ihren zweiten Faktor, falls Sie ihn verlieren. Schreiben Sie sie auf, und verwahren Sie sie gut: Sie werden nicht noch einmal gezeigt.";
        kept: "I have kept them", "Ich habe sie aufgeschrieben";
    }
}
