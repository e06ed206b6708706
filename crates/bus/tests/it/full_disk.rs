//! A disk that is full for a while: SQLite undoes a transaction by itself, and what comes afterwards must
//! be committed as if nothing had happened.

use bus::{Clock, Db, Location, Read};

/// Stands for the disk's end; it binds one connection, and for as long as that one lives.
const NO_ROOM: &str = "pragma max_page_count = 1";

#[tokio::test]
async fn after_a_full_disk_what_is_committed_is_committed() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("catalog.db"));
    let db = Db::open(&location, "catalog", &[], Clock::System).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    tx.execute("create table page (text text)", vec![]).await.unwrap();
    tx.commit().await.unwrap();

    for _ in 0..3 {
        let mut tx = db.begin().await.unwrap();
        let _: Option<i64> = tx.scalar(NO_ROOM, vec![]).await.unwrap();
        let large = "x".repeat(1_000_000);
        let full = tx.execute("insert into page values ($1)", vec![large.into()]).await;
        assert!(full.unwrap_err().to_string().contains("full"));
        drop(tx);
        // Undone as well, by whoever changes their mind.
        let mut tx = db.begin().await.unwrap();
        tx.execute("insert into page values ('undone')", vec![]).await.unwrap();
        tx.rollback().await.unwrap();
    }
    let mut tx = db.begin().await.unwrap();
    tx.execute("insert into page values ('kept')", vec![]).await.unwrap();
    tx.commit().await.unwrap();

    let other = Db::open(&location, "catalog", &[], Clock::System).await.unwrap();
    let pages: Option<i64> = other.scalar("select count(*) from page", vec![]).await.unwrap();
    assert_eq!(pages, Some(1));
    let mut tx = other.begin().await.unwrap();
    tx.execute("delete from page", vec![]).await.unwrap();
    tx.commit().await.unwrap();
}
