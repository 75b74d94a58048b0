//! Why a value cannot be, of whichever field: what was expected and what to do. Knows no field; in which other languages it
//! is told is the affair of whoever tells it.

super::sentences::sentences! {
    /// What is wrong with a value; written out, an English sentence.
    Refusal {
        // Any text.
        Blank: "This must not be blank.";
        TooLong { length: usize, most: usize }: "This has {length} characters: use at most {most}.";
        Control { code: u32 }: "This holds the control character U+{code:04X}: leave it out.";

        // Keys, codenames and tags.
        Codename { least: usize, most: usize }:
            "Use {least} to {most} of: lower-case letters a to z, digits, underscores; begin with a letter.";
        CodenameOfOurs: "The prefix \"rolebook_\" is Rolebook's own: choose another.";
        Key { least: usize, most: usize }:
            "Use {least} to {most} of: lower-case letters a to z, digits, underscores and hyphens; begin with a letter.";
        KeyLikeUuid: "A key must not look like a UUID: choose a word such as maxedy_pizza.";
        Locale: "Use a BCP 47 language tag such as en, nl or pt-BR (with hyphens, at most 64 characters).";

        // Addresses of pages and programs.
        UrlTooLong { most: usize }: "This address is too long: use at most {most} bytes.";
        Href: "Use a relative address, or one that begins with https://, http:// or mailto:.";
        HrefMarks: "An address holds no white space, no control characters and no backslash.";
        WebhookUrl: "Use an address such as https://app.example.com/hooks.";
        WebhookFragment: "Leave the part behind # out: it is not sent.";
        WebhookLogin: "Leave the user and the password out: what is sent is signed instead.";
        WebhookPath: "Write what is neither a letter nor a digit of ASCII, nor one of !$&'()*+,-./:;=?@_~, as %XX.";

        // E-mail addresses.
        Email: "Enter an e-mail address such as name@example.com.";
        EmailTooLong { most: usize }: "This e-mail address is too long: use at most {most} characters.";
        EmailLocalPart:
            "Before its @, an e-mail address has 1 to 64 letters, digits and marks such as - _ +, with single dots between them.";
        EmailDomain:
            "After its @, an e-mail address has a domain such as example.com: letters, digits and hyphens, with single dots between them.";
        EmailAsBefore: "This is your address already.";

        // Usernames.
        UsernameLength { most: usize }: "A username has 1 to {most} characters.";
        UsernamePadded: "A username has no white space at its beginning or end.";
        UsernameInvisible: "A username has no control characters and no invisible ones.";
        UsernameNotTheirs: "A username with @ must be the user's own e-mail address.";
        UsernameNotYours: "A username with @ must be your own e-mail address.";

        // Passwords and codes.
        PasswordTooLong { most: usize }: "This password is too long: use at most {most} characters.";
        PasswordTooShort { least: usize }: "This password is too short: use at least {least} characters.";
        PasswordCommon: "This password is too common: choose one that others do not use.";
        PasswordPersonal:
            "This password contains a name, the e-mail address's first part or \"rolebook\": leave those out.";
        PasswordAsBefore: "Choose another password than the present one.";
        PasswordWrong: "This is not your present password.";
        PasswordNotYours: "Only for changing your own password.";
        PasswordHash:
            "This is no password hash that can be taken over. Argon2, bcrypt ($2a$, $2b$ or $2y$, cost 4 to 15), scrypt, \
             PBKDF2 (1,000 to 5,000,000 rounds) and SHA-crypt ($5$ or $6$, up to 1,000,000 rounds) can, as passlib, \
             Django and the formats' own tools write them; and MD5, SHA-1, SHA-256 and SHA-512 in hexadecimal or base64, \
             with a salt as in {{SSHA}}…, sha1$salt$…, sha256(salt+password)$salt$… or sha256(password+salt)$salt$….";
        AccountHasOwn: "This account has its own already: leave it out.";
        ServiceAccountHasNone: "A service account has none: it has groups and tokens.";
        CodeTooLong: "This is too long for a code.";
        CodeWrong: "This code is wrong or too old: is the clock of the app's device right?";

        // Times.
        YetToCome: "This time is yet to come. Name one that has passed.";
        BeforeThePast { known: jiff::Timestamp }: "The past of this environment is known from {known} on.";
        TokenEnded: "A token ends in the future: this has passed.";
        MembershipEnded: "A membership ends in the future: this expires_at has passed.";

        // Several things together.
        GroupTwice: "The same group is named twice, with different ends.";
        MenuTwice: "The same menu cannot be added and removed in one call.";
        MenuTooDeep: "A menu has two levels at most: items below an item have none themselves.";
        MenuTooLarge: "A menu has at most 1,000 items.";
        EventType: "There is no such type of events: name one such as user.created, a kind such as user.*, or *.";
        EventTypes { most: usize }: "Name 1 to {most} types of events; * is all of them.";

        // Going on and going through with it.
        Cursor: "This cursor is not of this list: use the one of the page before, with the same query.";
        Place: "This place is not of this chain: begin at its beginning.";
        Unconfirmed: "Everything in the environment will be gone: confirm by giving its key.";
    }
}
