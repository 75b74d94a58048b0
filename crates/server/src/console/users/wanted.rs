//! Which users the list is to show, and in which order: its query, read strictly, and what it comes to in the directory's words.
//! Knows nothing of how they are found.

use crate::body::choice;
use crate::console::error::Error;
use crate::console::form::Form;
use crate::console::words::UsersWords;
use crate::query::query;
use directory::page::{OrderBy, UserFilter, UserOrder};

query! {
    /// The query of the list.
    struct ListUsers {
        search: Optional<String>,
        status: Optional<Status>,
        role: Optional<Role>,
        /// A group's name: who is in it, through whatever.
        group: Optional<String>,
        /// A permission's codename: who has it, through whatever.
        permission: Optional<String>,
        order: Optional<Order>,
        cursor: Optional<String>,
    }
}

choice! {
    /// Which users.
    pub(super) enum Status {
        All = "all",
        Active = "active",
        Inactive = "inactive",
        Pending = "pending",
    }
}

choice! {
    /// Who administers, or who does not.
    pub(super) enum Role {
        All = "all",
        Administrator = "administrator",
        Member = "member",
    }
}

choice! {
    /// In which order; with `-`, last first.
    pub(super) enum Order {
        Name = "name",
        NameLast = "-name",
        Email = "email",
        EmailLast = "-email",
        Since = "since",
        SinceLast = "-since",
    }
}

impl Status {
    pub(super) const ALL: [Status; 4] = [Status::All, Status::Active, Status::Inactive, Status::Pending];

    pub(super) fn text(self, words: &UsersWords) -> &'static str {
        match self {
            Status::All => words.all,
            Status::Active => words.active,
            Status::Inactive => words.inactive,
            Status::Pending => words.pending,
        }
    }
}

impl Role {
    pub(super) const ALL: [Role; 3] = [Role::All, Role::Administrator, Role::Member];

    pub(super) fn text(self, words: &UsersWords) -> &'static str {
        match self {
            Role::All => words.all,
            Role::Administrator => words.administrators,
            Role::Member => words.members,
        }
    }
}

/// What is looked for, as it was typed.
#[derive(Clone)]
pub(super) struct Wanted {
    pub(super) search: String,
    pub(super) status: Status,
    pub(super) role: Role,
    pub(super) group: String,
    pub(super) permission: String,
    /// By name unless another was asked for; of a group, or of the holders of a permission, by age alone: they are kept so, and
    /// a million users are not gone through for those of them that are in one.
    pub(super) order: Order,
    pub(super) cursor: Option<String>,
}

impl Wanted {
    /// Whether the list is of a group, or of the holders of a permission.
    pub(super) fn of_some(&self) -> bool {
        !self.group.is_empty() || !self.permission.is_empty()
    }

    /// Reads a query.
    ///
    /// # Errors
    /// [`Error::Unreadable`]
    pub(super) fn read(query: &str) -> Result<Wanted, Error> {
        let asked = ListUsers::read(Some(query)).map_err(|_| Error::Unreadable)?;
        let text = |text: Option<String>| {
            text.map(|text| text.trim().chars().take(200).collect::<String>()).unwrap_or_default()
        };
        let (group, permission) = (text(asked.group), text(asked.permission));
        let order = match asked.order.unwrap_or(Order::Name) {
            order if group.is_empty() && permission.is_empty() => order,
            Order::SinceLast => Order::SinceLast,
            _ => Order::Since,
        };
        Ok(Wanted {
            search: text(asked.search),
            status: asked.status.unwrap_or(Status::All),
            role: asked.role.unwrap_or(Role::All),
            order,
            cursor: asked.cursor,
            group,
            permission,
        })
    }

    /// The form as it was filled in.
    pub(super) fn form(&self) -> Form {
        Form::of([
            ("search", self.search.clone()),
            ("status", self.status.word().to_owned()),
            ("role", self.role.word().to_owned()),
            ("group", self.group.clone()),
            ("permission", self.permission.clone()),
        ])
    }

    /// The same list in another order.
    pub(super) fn ordered(&self, here: &str, order: &str) -> String {
        let form = self.form();
        let mut query = form_urlencoded::Serializer::new(String::new());
        for name in ["search", "status", "role", "group", "permission"] {
            let usual = if matches!(name, "status" | "role") { "all" } else { "" };
            if form.text(name) != usual {
                query.append_pair(name, form.text(name));
            }
        }
        query.append_pair("order", order);
        format!("{here}?{}", query.finish())
    }

    /// In the directory's words, but for the group.
    pub(super) fn filter(&self) -> UserFilter {
        let search = (!self.search.is_empty()).then(|| self.search.clone());
        let administrator = match self.role {
            Role::All => None,
            Role::Administrator => Some(true),
            Role::Member => Some(false),
        };
        let filter = UserFilter { search, administrator, ..UserFilter::default() };
        match self.status {
            Status::All => filter,
            Status::Active => UserFilter { active: Some(true), pending: Some(false), ..filter },
            Status::Inactive => UserFilter { active: Some(false), ..filter },
            Status::Pending => UserFilter { pending: Some(true), ..filter },
        }
    }
}

impl From<Order> for UserOrder {
    fn from(order: Order) -> UserOrder {
        let (by, descending) = match order {
            Order::Name => (OrderBy::Name, false),
            Order::NameLast => (OrderBy::Name, true),
            Order::Email => (OrderBy::Email, false),
            Order::EmailLast => (OrderBy::Email, true),
            Order::Since => (OrderBy::CreatedAt, false),
            Order::SinceLast => (OrderBy::CreatedAt, true),
        };
        UserOrder { by, descending }
    }
}
