//! Texts of signing in.

super::words! {
    /// Of signing in.
    struct SignInWords {
        title: "Sign in", "Anmelden";
        login: "E-mail address or username", "E-Mail-Adresse oder Benutzername";
        password: "Password", "Passwort";
        sign_in: "Sign in", "Anmelden";
        forgot: "Forgotten your password?", "Passwort vergessen?";
        told_accepted: "You have accepted the invitation. Sign in with what you chose.",
            "Sie haben die Einladung angenommen. Melden Sie sich mit dem an, was Sie gewählt haben.";
        told_password: "Your password is changed. Sign in with the new one.",
            "Ihr Passwort ist geändert. Melden Sie sich mit dem neuen an.";
        told_address: "Your address is confirmed. Sign in with it from now on.",
            "Ihre Adresse ist bestätigt. Melden Sie sich von nun an damit an.";
        told_again: "Sign in once more: then you choose a new password.",
            "Melden Sie sich noch einmal an: Dann wählen Sie ein neues Passwort.";
        or: "or", "oder";
        by_passkey: "Use a passkey", "Passkey verwenden";
        passkey_failed:
            "The passkey was not accepted, or you cancelled. Try again, or sign in another way.",
            "Der Passkey wurde nicht angenommen, oder Sie haben abgebrochen. Versuchen Sie es noch einmal, oder melden Sie sich anders an.";
        wrong:
            "No active user has this login and this password. Check both and try again.",
            "Diese Anmeldung passt zu keinem aktiven Benutzer. Prüfen Sie Name und Passwort.";
        required: "Fill this in.", "Bitte ausfüllen.";
        too_many:
            "Too many attempts. Wait a moment, then try again.",
            "Zu viele Versuche. Warten Sie einen Moment, und versuchen Sie es dann noch einmal.";
        factor_title: "Second factor", "Zweiter Faktor";
        factor_lead:
            "Your account is protected by a second factor.",
            "Ihr Konto ist durch einen zweiten Faktor geschützt.";
        code: "Code", "Code";
        code_hint:
            "Six digits from your authenticator app, or one of your recovery codes.",
            "Sechs Ziffern aus Ihrer Authenticator-App oder einer Ihrer Wiederherstellungscodes.";
        wrong_code:
            "This code is wrong, was used already, or is too old. Enter a new one.",
            "Dieser Code ist falsch, schon benutzt oder zu alt. Geben Sie einen neuen ein.";
        confirm: "Continue", "Weiter";
        start_over: "Sign in as somebody else", "Als jemand anderes anmelden";
    }
}
