//! `/console/environments/<key>/users`: the users of an environment, searched as one types. The model of a list: the query is
//! read strictly, the directory finds one page, the template draws it with the ways to the next and the previous.

use crate::app::App;
use crate::body::choice;
use crate::console::error::Error;
use crate::console::form::Form;
use crate::console::language::Language;
use crate::console::layout::{Layout, page};
use crate::console::session::Visit;
use crate::console::words::UsersWords;
use crate::query::{self, query};
use askama::Template;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use directory::actor::Actor;
use directory::error::{Error as Refusal, Field};
use directory::page::{Cursor, OrderBy, UserFilter, UserOrder, UserPage};
use directory::permissions::BuiltIn;
use directory::store::Tx;
use directory::suggestions;
use directory::text::Codename;
use directory::users::{self, User};

/// Rows of a page: what one looks through at a glance, and far below 100 KB.
const ROWS: i64 = 50;
/// Groups shown of each user.
const GROUPS: usize = 3;

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
    enum Status {
        All = "all",
        Active = "active",
        Inactive = "inactive",
        Pending = "pending",
    }
}

choice! {
    /// Who administers, or who does not.
    enum Role {
        All = "all",
        Administrator = "administrator",
        Member = "member",
    }
}

choice! {
    /// In which order; with `-`, last first.
    enum Order {
        Name = "name",
        NameLast = "-name",
        Email = "email",
        EmailLast = "-email",
        Since = "since",
        SinceLast = "-since",
    }
}

#[derive(Template)]
#[template(path = "console/users.html")]
struct ListPage {
    layout: Layout,
    words: &'static UsersWords,
    /// Where the list stands.
    here: String,
    form: Form,
    statuses: [(&'static str, &'static str); 4],
    roles: [(&'static str, &'static str); 3],
    /// Filters are set that stand a step away.
    narrowed: bool,
    /// To choose from while typing.
    groups: Vec<String>,
    permissions: Vec<String>,
    may: May,
    columns: Vec<Column>,
    rows: Vec<Row>,
    previous: Option<String>,
    next: Option<String>,
}

/// What whoever looks at the list may do besides.
#[derive(Clone, Copy)]
struct May {
    add: bool,
    change: bool,
    view_groups: bool,
    view_permissions: bool,
}

impl May {
    fn of(actor: &Actor) -> May {
        let holds = |permission: BuiltIn| actor.power().holds(permission.id());
        May {
            add: holds(BuiltIn::AddUser),
            change: holds(BuiltIn::ChangeUser),
            view_groups: holds(BuiltIn::ViewGroup),
            view_permissions: holds(BuiltIn::ViewPermission),
        }
    }
}

/// The head of a column by which the list can be ordered.
struct Column {
    title: &'static str,
    /// As `aria-sort` has it.
    sorted: &'static str,
    /// The same list, ordered by it, or the other way round, where that can be.
    address: Option<String>,
}

/// A user as the list shows it.
struct Row {
    id: String,
    /// Where its page stands.
    address: String,
    name: String,
    login: String,
    administrator: bool,
    /// The first few.
    groups: Vec<String>,
    /// How many there are besides.
    more: usize,
    since: String,
    /// The same for machines.
    since_machine: String,
    state: &'static str,
    state_text: &'static str,
}

impl Row {
    fn of(user: &User, here: &str, words: &UsersWords, language: Language) -> Row {
        let membership = &user.membership;
        let (state, state_text) = super::state(membership, words);
        Row {
            id: user.account.id.to_string(),
            address: format!("{here}/{}", user.account.id),
            name: super::name(user, words),
            login: user.account.login(),
            administrator: membership.administrator,
            groups: user.groups.iter().take(GROUPS).map(|within| within.group.name.as_str().to_owned()).collect(),
            more: user.groups.len().saturating_sub(GROUPS),
            since: language.day(membership.created_at),
            since_machine: jiff::Timestamp::from(membership.created_at).strftime("%Y-%m-%d").to_string(),
            state,
            state_text,
        }
    }
}

impl Status {
    const ALL: [Status; 4] = [Status::All, Status::Active, Status::Inactive, Status::Pending];

    fn text(self, words: &UsersWords) -> &'static str {
        match self {
            Status::All => words.all,
            Status::Active => words.active,
            Status::Inactive => words.inactive,
            Status::Pending => words.pending,
        }
    }
}

impl Role {
    const ALL: [Role; 3] = [Role::All, Role::Administrator, Role::Member];

    fn text(self, words: &UsersWords) -> &'static str {
        match self {
            Role::All => words.all,
            Role::Administrator => words.administrators,
            Role::Member => words.members,
        }
    }
}

/// What is looked for, as it was typed.
#[derive(Clone)]
struct Wanted {
    search: String,
    status: Status,
    role: Role,
    group: String,
    permission: String,
    /// By name unless another was asked for; of a group, or of the holders of a permission, by age alone: they are kept so, and
    /// a million users are not gone through for those of them that are in one.
    order: Order,
    cursor: Option<String>,
}

impl Wanted {
    fn read(query: &str) -> Result<Wanted, Error> {
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

    fn form(&self) -> Form {
        Form::of([
            ("search", self.search.clone()),
            ("status", self.status.word().to_owned()),
            ("role", self.role.word().to_owned()),
            ("group", self.group.clone()),
            ("permission", self.permission.clone()),
        ])
    }

    /// The same list in another order.
    fn ordered(&self, here: &str, order: &str) -> String {
        let form = self.form();
        let mut query = form_urlencoded::Serializer::new(String::new());
        for name in ["search", "status", "role", "group", "permission"] {
            if !matches!(form.text(name), "" | "all") {
                query.append_pair(name, form.text(name));
            }
        }
        query.append_pair("order", order);
        format!("{here}?{}", query.finish())
    }

    /// In the directory's words, but for the group.
    fn filter(&self) -> UserFilter {
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

/// `GET /console/environments/<key>/users`.
pub(in crate::console) async fn list(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let wanted = Wanted::read(&query)?;
    let asked = wanted.clone();
    let (layout, found) = visit.report(&app, move |tx, actor| find(tx, actor, &asked)).await?;
    let words = UsersWords::of(visit.language);
    let here = layout.address("users");
    let mut form = wanted.form();
    if found.unknown == Some(Unknown::Group) {
        form.refuse("group", words.no_such_group);
    } else if found.unknown == Some(Unknown::Permission) {
        form.refuse("permission", words.no_such_permission);
    }
    let at = |cursor: Option<String>| cursor.map(|cursor| query::from(&query, &here, &cursor));
    page(&ListPage {
        columns: columns(words, &here, &wanted),
        previous: at(found.previous),
        next: at(found.next),
        rows: found.users.iter().map(|user| Row::of(user, &here, words, visit.language)).collect(),
        statuses: Status::ALL.map(|status| (status.word(), status.text(words))),
        roles: Role::ALL.map(|role| (role.word(), role.text(words))),
        narrowed: wanted.role != Role::All || !wanted.group.is_empty() || !wanted.permission.is_empty(),
        groups: found.groups,
        permissions: found.permissions,
        may: found.may,
        form,
        layout,
        words,
        here,
    })
}

/// A page, with cursors as text.
struct Found {
    users: Vec<User>,
    next: Option<String>,
    previous: Option<String>,
    may: May,
    groups: Vec<String>,
    permissions: Vec<String>,
    unknown: Option<Unknown>,
}

/// What was named and is not there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknown {
    Group,
    Permission,
}

fn find(tx: &mut Tx<'_>, actor: &Actor, wanted: &Wanted) -> directory::Result<Found> {
    actor.need(BuiltIn::ViewUser)?;
    let may = May::of(actor);
    let groups = if may.view_groups { group_names(tx, actor, "")? } else { Vec::new() };
    let permissions = if may.view_permissions { codenames(tx, actor, "")? } else { Vec::new() };
    let found = Found { users: Vec::new(), next: None, previous: None, may, groups, permissions, unknown: None };
    let mut filter = wanted.filter();
    if !wanted.group.is_empty() {
        let Some(group) = suggestions::group(tx, actor, &wanted.group)? else {
            return Ok(Found { unknown: Some(Unknown::Group), ..found });
        };
        (filter.groups, filter.nested) = (vec![group], true);
    }
    if !wanted.permission.is_empty() {
        let Ok(permission) = Codename::parse(&wanted.permission) else {
            return Ok(Found { unknown: Some(Unknown::Permission), ..found });
        };
        filter.permission = Some(permission);
    }
    let page = UserPage { filter, order: wanted.order.into(), cursor: None, limit: ROWS };
    match rows(tx, actor, &page, wanted.cursor.as_deref()) {
        Ok((users, next, previous)) => Ok(Found { users, next, previous, ..found }),
        Err(Refusal::Invalid(errors)) if errors.iter().any(|error| error.field == Field::Permission) => {
            Ok(Found { unknown: Some(Unknown::Permission), ..found })
        }
        Err(error) => Err(error),
    }
}

type Rows = (Vec<User>, Option<String>, Option<String>);

/// A cursor is sealed for its environment, which is known once the caller is believed.
fn rows(tx: &mut Tx<'_>, actor: &Actor, wanted: &UserPage, cursor: Option<&str>) -> directory::Result<Rows> {
    let (keys, here) = (tx.effects().keys.clone(), actor.environment().id);
    let of = (&wanted.filter, wanted.order);
    let open = |text| Cursor::open(text, &keys, here, &of);
    let page = UserPage { cursor: cursor.map(open).transpose()?, ..wanted.clone() };
    let page = users::list(tx, actor, &page)?;
    let seal = |cursor: Cursor| cursor.seal(&keys, here, &of);
    Ok((page.rows, page.next.map(seal), page.previous.map(seal)))
}

fn group_names(tx: &mut Tx<'_>, actor: &Actor, part: &str) -> directory::Result<Vec<String>> {
    Ok(suggestions::groups(tx, actor, part)?.iter().map(|group| group.name.as_str().to_owned()).collect())
}

fn codenames(tx: &mut Tx<'_>, actor: &Actor, part: &str) -> directory::Result<Vec<String>> {
    Ok(suggestions::permissions(tx, actor, part)?.iter().map(|codename| codename.as_str().to_owned()).collect())
}

query! {
    /// What somebody is typing: one of them.
    struct Typed {
        group: Optional<String>,
        permission: Optional<String>,
    }
}

#[derive(Template)]
#[template(source = "{% for name in names %}<option value=\"{{ name }}\"></option>{% endfor %}", ext = "html")]
struct Options {
    names: Vec<String>,
}

/// `GET /console/environments/<key>/users/suggest`: names to go on typing with.
pub(in crate::console) async fn suggest(
    State(app): State<App>,
    visit: Visit,
    RawQuery(query): RawQuery,
) -> Result<Response, Error> {
    let Typed { group, permission } = Typed::read(query.as_deref()).map_err(|_| Error::Unreadable)?;
    let read = move |tx: &mut Tx<'_>, actor: &Actor| match (&group, &permission) {
        (None, Some(part)) => codenames(tx, actor, part),
        (part, _) => group_names(tx, actor, part.as_deref().unwrap_or_default()),
    };
    let (_, names) = visit.read(&app, read).await?;
    page(&Options { names })
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

fn columns(words: &UsersWords, here: &str, wanted: &Wanted) -> Vec<Column> {
    let all = [(words.name, "name"), (words.email, "email"), (words.since, "since")];
    let column = |(title, by): (&'static str, &str)| {
        let (sorted, other) = match wanted.order.word() {
            present if present == by => ("ascending", format!("-{by}")),
            present if present.strip_prefix('-') == Some(by) => ("descending", by.to_owned()),
            _ => ("none", by.to_owned()),
        };
        let can = by == "since" || (wanted.group.is_empty() && wanted.permission.is_empty());
        Column { title, sorted, address: can.then(|| wanted.ordered(here, &other)) }
    };
    all.map(column).into()
}
