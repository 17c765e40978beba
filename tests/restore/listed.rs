//! Lists: printed, edited, and restored from, in real servers.

use super::ground::Small;
use crate::need;
use crate::support::cluster::Cluster;
use crate::support::pgark::Pgark;
use crate::support::run::Finished;

fn restore(small: &Small, args: &[&str]) -> Pgark {
    Pgark::new(["restore", "-q", "-w", "--progress", "none"])
        .arg(small.ground.path("1.tar"))
        .args(args)
}

/// Restores with this list into `target`.
fn by_list(small: &Small, target: &Cluster, list: &str, args: &[&str]) -> Finished {
    let file = small.ground.path("list");
    std::fs::write(&file, list).unwrap();
    let restore = restore(small, args).args(["--allow-non-empty", "-L"]);
    restore.arg(&file).at(target).run()
}

fn list(small: &Small) -> String {
    restore(small, &["-l"]).run().success().stdout()
}

/// The list with what does not contain one of `kept` commented out.
fn edited(list: &str, kept: &[&str]) -> String {
    let lines = list.lines().map(|line| {
        let is_kept = line.starts_with(';') || kept.iter().any(|kept| line.contains(kept));
        format!("{}{line}\n", if is_kept { "" } else { ";" })
    });
    lines.collect()
}

#[test]
fn what_is_left_in_the_list_is_restored() {
    let small = need!(Small::new("l_left"));
    let target = small.target(&[]);
    target.create_database("l_left");
    let list = list(&small);
    let rows = list.matches(" TABLE DATA app child ").count();
    assert_eq!(rows, 1, "a table in chunks is one line");
    let kept = [
        " SCHEMA - app ",
        " app child ",
        " app parent ",
        " app mood ",
        "twice",
        "child_pkey",
    ];
    let list = edited(&list, &kept).replace(" IDENTITY", "");
    let finished = by_list(&small, target, &list, &["--no-globals"]);
    finished.success();
    let count = |sql: &str| target.psql("l_left", sql);
    assert_eq!(count("SELECT count(*) FROM app.child"), "5000");
    assert_eq!(count("SELECT count(*) FROM app.parent"), "1000");
    let indexes = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class \
                   WHERE relkind = 'i' AND relnamespace = 'app'::regnamespace";
    assert_eq!(count(indexes), "child_pkey parent_pkey");
    assert_eq!(count("SELECT to_regnamespace('other') IS NULL"), "t");
}

#[test]
fn one_worker_goes_by_the_order_of_the_list() {
    let small = need!(Small::new("l_order"));
    let target = small.target(&[]);
    target.create_database("l_order");
    target.psql(
        "l_order",
        "CREATE TABLE public.log (tag text, at timestamptz DEFAULT clock_timestamp());
         CREATE FUNCTION public.note() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
             INSERT INTO public.log SELECT object_identity FROM pg_event_trigger_ddl_commands();
         END $$;
         CREATE SCHEMA app; CREATE SCHEMA other;
         CREATE EVENT TRIGGER note ON ddl_command_end EXECUTE FUNCTION public.note()",
    );
    let list = list(&small);
    let find = |what: &str| {
        let line = list.lines().find(|line| line.contains(what));
        line.unwrap_or_else(|| panic!("no {what}")).to_owned()
    };
    let order = [
        " TABLE other empty ",
        " SEQUENCE other counter ",
        " TABLE other notes ",
    ]
    .map(find);
    let args = ["-j", "1", "--no-globals", "-O", "--no-analyze"];
    by_list(&small, target, &order.join("\n"), &args).success();
    assert_eq!(
        target.psql(
            "l_order",
            "SELECT string_agg(tag, ' ' ORDER BY at) FROM public.log WHERE tag NOT LIKE 'pgark_restore%'"
        ),
        "other.empty other.counter other.notes"
    );
}

#[test]
fn a_list_that_cannot_be_followed_is_refused_before_anything_is_done() {
    let small = need!(Small::new("l_bad"));
    let target = small.target(&[]);
    target.create_database("l_bad");
    let list = list(&small);
    let known = list.lines().find(|line| line.contains(" TABLE app child "));
    let text = format!("{}\n99998; y\n; z\n99999\n", known.unwrap());
    let said = by_list(&small, target, &text, &[]);
    assert_eq!(said.status.code(), Some(2), "{}", said.describe());
    let stderr = said.stderr();
    assert!(
        stderr.contains(
            "the list names entries that database \"l_bad\" does not have: 99998 (line 2), 99999 (line 4)"
        ),
        "{stderr}"
    );
    assert!(stderr.contains("-l prints a list"), "{stderr}");
    let said = by_list(&small, target, "what is this\n", &[]);
    assert_eq!(said.status.code(), Some(2), "{}", said.describe());
    assert!(
        said.stderr()
            .contains("line 1 of the list names no entry: what is this")
    );
    let said = restore(&small, &["-L", "/nonexistent"]).at(target).run();
    assert_eq!(said.status.code(), Some(1), "{}", said.describe());
    assert!(said.stderr().contains("cannot read /nonexistent"));
    assert_eq!(
        target.psql("l_bad", "SELECT to_regnamespace('app') IS NULL"),
        "t"
    );
}
