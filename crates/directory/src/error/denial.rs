//! Why somebody known may not do something: what is missing. Never says whether a thing exists.

super::sentences::sentences! {
    /// What somebody lacks; written out, an English sentence.
    #[derive(Copy)]
    Denial {
        Permission { codename: &'static str }: "This needs the permission \"{codename}\".";
        Administrator: "Only administrators of the environment may do this.";
        Operator: "Only operators may do this.";
        Session: "This needs a session: sign in.";
        Environment: "There is no such environment, or it is none of yours.";
        BeyondOwn: "This would take permissions that you do not have yourself.";
        MorePowerful: "This user has more permissions than you have.";
        SharedAccount:
            "This account belongs to more than this environment: only its owner or an operator may change its e-mail, \
             username, password or second factors.";
        OwnFields: "Your own names, phone, language, locale and password are all that you change here.";
        TokenOfAnother: "API tokens are made for oneself, or with manage_token for a service account.";
        TokenEverywhere: "Only an operator's token is good in every environment.";
    }
}
