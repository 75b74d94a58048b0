//! What quickstart prints: who was made, and lines to paste into a shell for both APIs. Knows the two documented examples,
//! and nothing of how they are answered.

use std::net::SocketAddr;

/// What was made, to be shown this once.
pub(super) struct Credentials {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) user: String,
    pub(super) token: String,
    /// For the user that a pasted line makes: nobody's password stands in a program.
    pub(super) example_password: String,
}

/// A running quickstart.
pub(super) struct Guide {
    /// The database, as it may be shown.
    pub(super) place: String,
    pub(super) address: SocketAddr,
    /// Where mails go.
    pub(super) mails: String,
    /// Only at the first run.
    pub(super) credentials: Option<Credentials>,
}

impl Guide {
    /// Where a browser on this machine reaches it.
    pub(super) fn public_url(&self) -> String {
        format!("http://localhost:{}", self.address.port())
    }

    /// The whole text.
    pub(super) fn text(&self) -> String {
        // Not "localhost": where that is an IPv6 address, somebody else may be listening.
        let base = format!("http://{}", self.address);
        let (introduction, email, password, user, token, example) = match &self.credentials {
            Some(made) => (
                self.first_run(made),
                &*made.email,
                &*made.password,
                &*made.user,
                &*made.token,
                &*made.example_password,
            ),
            None => (
                LATER_RUN.to_owned(),
                "<e-mail>",
                "<password>",
                "<user id>",
                "<API token>",
                "<a password for the new user>",
            ),
        };
        let find = format!(
            "$(curl -s '{base}/api/v2/user?email=ada@example.com' -H 'Authorization: Bearer {token}' \
             | sed 's/.*\"results\":\\[{{\"id\":\"\\([^\"]*\\)\".*/\\1/')"
        );
        format!(
            r#"{introduction}
v1: create a user, or modify it

curl {base}/api/v1/users \
    -H "X-Auth-Token: {token}" \
    -H "X-User-Id: {user}" \
    -H "Content-Type: application/json" \
    -X POST \
    -d '{{
        "globalEmailAddress": "guest@maxedy.com",
        "_environmentId": "maxedy_pizza",
        "name": "Guest",
        "administrator": false,
        "active": true,
        "locale": "en",
        "language": "en",
        "menuName": "maxedyPizzaMenu",
        "memberGroupNames": ["allusers", "guest"]
    }}'

v1: sign in, for a user id and a token of a session

curl {base}/api/v1/login \
    -H 'Content-Type: application/json' \
    -d '{{"email": "{email}", "password": "{password}"}}'

v2: list the groups (roles)

curl '{base}/api/v2/group' \
    -H 'Authorization: Bearer {token}'

v2: create a user

curl '{base}/api/v2/user' \
    -H 'Content-Type: application/json' \
    -H 'Authorization: Bearer {token}' \
    --data '{{
        "email": "ada@example.com",
        "password": "{example}",
        "first_name": "Ada",
        "last_name": "Byron",
        "phone": "+44 20 7946 0000",
        "groups": [1]
    }}'

v2: change that user

curl --request PATCH "{base}/api/v2/user/{find}" \
    -H 'Content-Type: application/json' \
    -H 'Authorization: Bearer {token}' \
    --data '{{"phone": "+44 20 7946 0001", "groups": [1, 2]}}'

API      {base}/api/v1 and {base}/api/v2
Console  {console}/console
Mails    {mails}
Stop     Ctrl-C; `rolebook quickstart` serves the same again
"#,
            console = self.public_url(),
            mails = self.mails,
        )
    }

    fn first_run(&self, made: &Credentials) -> String {
        format!(
            "Rolebook is ready, with an example in {}. Keep these: they are shown this once.\n\n\
             environment    maxedy_pizza\n\
             administrator  {}\n\
             password       {}\n\
             user id        {}\n\
             API token      {}\n",
            self.place, made.email, made.password, made.user, made.token
        )
    }
}

const LATER_RUN: &str = "Rolebook serves what is there already. Its credentials were shown at the first run; another API \
                         token: `rolebook token create --help`.\n";

#[cfg(test)]
mod tests {
    use super::*;

    fn text(credentials: Option<Credentials>) -> String {
        let (address, mails) = ("127.0.0.1:8080".parse().unwrap(), "./mail".to_owned());
        Guide { place: "a.db".to_owned(), address, mails, credentials }.text()
    }

    #[test]
    fn the_first_run_fills_everything_in_and_later_runs_nothing() {
        let first = text(Some(Credentials {
            email: "admin@example.com".to_owned(),
            password: "PASSWORD".to_owned(),
            user: "USER".to_owned(),
            token: "TOKEN".to_owned(),
            example_password: "EXAMPLE".to_owned(),
        }));
        assert!(!first.contains('<'), "{first}");
        assert_eq!(first.matches("TOKEN").count(), 6);
        assert!(first.contains("http://localhost:8080/console"));
        let later = text(None);
        assert!(later.contains("X-Auth-Token: <API token>") && later.contains("first run"), "{later}");
    }
}
