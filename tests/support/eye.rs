//! The tests' own eye on a server: questions go through tokio-postgres, a client that shares no code with ours.
//!
//! What it does not see is asked through psql ([`Cluster::psql`] chooses): texts that are no UTF-8, databases in other
//! encodings, and scripts that change something, of which psql makes one transaction for each statement.

use std::path::Path;

use tokio_postgres::{Client, Config, NoTls, SimpleQueryMessage};

/// How a question begins.
const QUESTIONS: [&str; 4] = ["SELECT", "SHOW", "VALUES", "WITH"];

/// Whether a script is a question, without commands of psql (`\gexec`).
pub fn is_question(sql: &str) -> bool {
    let word = sql
        .trim_start()
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    QUESTIONS.contains(&word) && !sql.contains("\\g")
}

/// The answer as psql's unaligned tuples; none where the database is not in UTF-8. An error is the server's.
pub fn ask(
    socket_dir: &Path,
    port: u16,
    database: &str,
    sql: &str,
) -> Option<Result<String, tokio_postgres::Error>> {
    let mut config = Config::new();
    config
        .host_path(socket_dir)
        .port(port)
        .user("postgres")
        .dbname(database);
    // A test may have a runtime of its own, in which no other may wait.
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(answer(&config, sql))
        });
        asking
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

async fn answer(config: &Config, sql: &str) -> Option<Result<String, tokio_postgres::Error>> {
    let (client, connection) = match config.connect(NoTls).await {
        Ok(connected) => connected,
        Err(error) => return Some(Err(error)),
    };
    if connection.parameter("server_encoding") != Some("UTF8") {
        return None;
    }
    let driving = tokio::spawn(connection);
    let answer = rows(&client, sql).await;
    drop(client);
    // The session has ended when this returns: whoever drops the database next finds nobody in it.
    let _ = driving.await;
    Some(answer)
}

async fn rows(client: &Client, sql: &str) -> Result<String, tokio_postgres::Error> {
    let mut lines = Vec::new();
    for message in client.simple_query(sql).await? {
        if let SimpleQueryMessage::Row(row) = message {
            let fields = (0..row.len()).map(|at| row.get(at).unwrap_or_default());
            lines.push(fields.collect::<Vec<_>>().join("|"));
        }
    }
    Ok(lines.join("\n"))
}
