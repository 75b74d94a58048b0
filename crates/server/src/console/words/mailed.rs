//! Texts of what mailed links lead to, and of asking for one.

super::words! {
    /// Of mailed links.
    struct MailedWords {
        link: "Link from the mail", "Link aus der E-Mail";
        link_hint: "Copy the whole link from the mail and put it here.",
            "Kopieren Sie den ganzen Link aus der E-Mail hierher.";
        gone: "This link is not good any more: it was used already, is too old, or was replaced by a newer one.",
            "Dieser Link gilt nicht mehr: Er wurde schon benutzt, ist zu alt oder durch einen neueren ersetzt.";
        go_on: "Continue", "Weiter";
        password: "Password", "Passwort";
        new_password: "New password", "Neues Passwort";
        at_least: "Characters, at least:", "Mindestlänge in Zeichen:";

        invitation: "Your invitation", "Ihre Einladung";
        invitation_lead: "Open the invitation that was mailed to you.",
            "Öffnen Sie die Einladung, die Ihnen gemailt wurde.";
        invited: "You are invited to", "Sie sind eingeladen zu";
        choose: "Choose what you will sign in with.", "Wählen Sie, womit Sie sich anmelden werden.";
        username: "Username, if you want one", "Benutzername, wenn Sie einen möchten";
        username_hint: "You can always sign in with your address:", "Anmelden können Sie sich immer mit Ihrer Adresse:";
        keeps: "You go on signing in as you do now.", "Sie melden sich weiter an wie bisher.";
        accept: "Accept", "Annehmen";
        until: "The invitation is good until", "Die Einladung gilt bis";

        forgot: "Forgotten your password?", "Passwort vergessen?";
        forgot_lead: "We mail you a link with which you choose another.",
            "Wir mailen Ihnen einen Link, mit dem Sie ein neues wählen.";
        login: "E-mail address or username", "E-Mail-Adresse oder Benutzername";
        send: "Send the link", "Link senden";
        sent: "Look into your mail", "Sehen Sie in Ihre E-Mails";
        sent_lead: "If there is such an account, a link is on its way to its address. It is good for an hour. Nothing there? Look among the unwanted mails, or try again later.",
            "Wenn es ein solches Konto gibt, ist ein Link an dessen Adresse unterwegs. Er gilt eine Stunde. Nichts angekommen? Sehen Sie im Spam-Ordner nach, oder versuchen Sie es später noch einmal.";
        to_sign_in: "To signing in", "Zur Anmeldung";

        reset: "Choose a new password", "Wählen Sie ein neues Passwort";
        reset_lead: "Open the link that was mailed to you.", "Öffnen Sie den Link, der Ihnen gemailt wurde.";
        whose: "For the account", "Für das Konto";
        ends_sessions: "You will be signed out everywhere, and sign in again with the new one.",
            "Sie werden überall abgemeldet und melden sich mit dem neuen wieder an.";
        end_tokens: "End my API tokens too", "Auch meine API-Tokens beenden";
        save: "Save the password", "Passwort speichern";

        address: "Confirm your address", "Bestätigen Sie Ihre Adresse";
        address_lead: "From then on it is the address of your account.", "Von da an ist es die Adresse Ihres Kontos.";
        confirm: "Confirm", "Bestätigen";
        address_taken: "Meanwhile this address belongs to another account.",
            "Inzwischen gehört diese Adresse zu einem anderen Konto.";
    }
}
