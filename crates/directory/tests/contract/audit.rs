//! The audit trail: chained, verified, read, erased and forgotten.

mod chaining;
mod erasing;
mod pieces;
mod reading;
mod retention;
mod verifying;

use directory::Directory;
use directory::users::UserChanges;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use test_support::{Engine, Tenant, World};
use uuid::Uuid;

/// Chains all that waits.
async fn chain(directory: &Directory) {
    while directory.chain_audit().await.unwrap() {}
}

/// Whether events wait until they are chained: where many transactions write at a time.
fn wait(world: &World) -> bool {
    world.database.engine() == Engine::Postgres
}

/// Leaves every event as it is before it is chained, whichever engine it is.
fn unchain(world: &World) {
    world.database.execute("UPDATE audit_events SET chain = NULL, sequence = NULL, hash = NULL");
    world.database.execute("UPDATE audit_heads SET sequence = 0, hash = NULL, due_at = NULL");
}

/// Makes so many events in an environment.
async fn change(world: &World, tenant: &Tenant, many: u64) {
    for _ in 0..many {
        let address = format!("guest{}@example.com", world.number());
        world.create(tenant, &address, UserChanges::default()).await.unwrap();
    }
}

type Row = BTreeMap<String, String>;

/// The rows of each chain in their order, as they are stored; under the empty name those that wait.
fn chains(world: &World) -> BTreeMap<String, Vec<Row>> {
    let mut chains: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for row in world.dump().rows("audit_events") {
        let row: Row = row.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        chains.entry(row["chain"].clone()).or_default().push(row);
    }
    for rows in chains.values_mut() {
        rows.sort_by_key(|row| (row["sequence"].parse::<i64>().ok(), row["id"].parse::<i64>().unwrap()));
    }
    chains
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the documents say of a hash, by the book: with none of the product's own code.
fn hash_by_the_book(row: &Row, environment: Option<Uuid>, previous: &str) -> String {
    let text = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let id = |hex: &str| match hex {
        "" => "null".to_owned(),
        hex => text(&Uuid::from_slice(&bytes(hex)).unwrap().to_string()),
    };
    let digest = |name: &str, json: &str| match &*row[&format!("{name}_digest")] {
        "" => sha256(&[&bytes(&row[&format!("{name}_salt")]), json.as_bytes()].concat()),
        kept => kept.to_owned(),
    };
    let at = jiff::Timestamp::from_microsecond(row["at"].parse().unwrap()).unwrap();
    sha256(
        format!(
            "{{\"actor\":{},\"address\":\"{}\",\"at\":\"{at:.6}\",\"changes\":\"{}\",\"credential\":{},\"credential_id\":{},\
             \"environment\":{},\"previous\":\"{previous}\",\"request\":{},\"sequence\":{},\"subject\":{},\"v\":1,\"verb\":{}}}",
            id(&row["actor"]),
            digest("address", &text(&row["address"])),
            digest("changes", &row["changes"]),
            text(&row["credential"]),
            id(&row["credential_id"]),
            environment.map_or("null".to_owned(), |uuid| text(&uuid.to_string())),
            text(&row["request"]),
            row["sequence"],
            text(&row["subject"]),
            text(&row["verb"]),
        )
        .as_bytes(),
    )
}

/// Looks through a chain by the book: its places count up, its hashes follow each other, its head is its end.
fn whole(world: &World, chain: i64, environment: Option<Uuid>) -> usize {
    let rows = chains(world).remove(&chain.to_string()).unwrap_or_default();
    let mut previous = "0".repeat(64);
    for (n, row) in rows.iter().enumerate() {
        assert_eq!(row["sequence"], (n + 1).to_string());
        assert_eq!(row["hash"], hash_by_the_book(row, environment, &previous), "{row:?}");
        previous = row["hash"].clone();
    }
    let dump = world.dump();
    let head = dump.rows("audit_heads").find(|head| head["chain"] == chain.to_string()).unwrap();
    assert_eq!((head["sequence"].to_owned(), head["hash"].to_owned()), (rows.len().to_string(), previous));
    rows.len()
}
