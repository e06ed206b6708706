//! The rules for Rust code.

use syn::{Block, Fields, Signature, spanned::Spanned, visit::Visit};

use super::{Finding, source::Source};

const LONGEST_FILE: usize = 800;
const LONGEST_FUNCTION: usize = 80;
const PERSONAL: [&str; 10] = [
    "name",
    "mail",
    "email",
    "address",
    "first_name",
    "last_name",
    "full_name",
    "display_name",
    "mail_address",
    "phone",
];

pub fn check(source: &Source, services: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(opening(source));
    findings.extend(length_of_file(source));
    findings.extend(length_of_functions(source));
    findings.extend(skipped_tests(source));
    findings.extend(sleeping_tests(source));
    if path_in_service(source.path).is_some() {
        findings.extend(sql_outside_store(source));
        findings.extend(impure_domain(source));
    }
    if source.path.starts_with("crates/bus/") {
        findings.extend(event_names_in_bus(source, services));
    }
    if source.path.starts_with("crates/contract/src/") {
        findings.extend(personal_data(source));
    }
    findings
}

/// The path inside a service's `src`, such as `domain/quiz.rs`.
fn path_in_service(path: &str) -> Option<&str> {
    let (_, inside) = path.strip_prefix("services/")?.split_once('/')?;
    inside.strip_prefix("src/")
}

/// Whether the path is that room of a service: `store.rs`, or anything in `store/`.
fn is_room(path: &str, room: &str) -> bool {
    let rest = path_in_service(path).and_then(|inside| inside.strip_prefix(room));
    rest.is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn opening(source: &Source) -> Option<Finding> {
    let mut lines = source.text.lines().filter(|line| !line.trim().is_empty());
    let first = lines.find(|line| !line.starts_with("#![allow")).unwrap_or_default();
    let opens = first.starts_with("//!") || first.starts_with("#![doc = include_str!");
    (!opens && !source.is_tests_of_a_module()).then(|| {
        let remedy = "open with `//!`: what it is for, and what it deliberately does not do";
        Finding::new(source.path, 1, "the module does not say what it is for", remedy)
    })
}

fn length_of_file(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    (lines > LONGEST_FILE).then(|| {
        let wrong = format!("{lines} lines, more than {LONGEST_FILE}");
        Finding::new(source.path, LONGEST_FILE + 1, wrong, "make it a folder of modules")
    })
}

fn length_of_functions(source: &Source) -> Vec<Finding> {
    let mut functions = Functions(Vec::new());
    functions.visit_file(&source.tree);
    let too_long = functions.0.into_iter().filter(|(_, _, lines)| *lines > LONGEST_FUNCTION);
    let finding = |(name, line, lines): (String, usize, usize)| {
        let wrong = format!("the function {name} has {lines} lines, more than {LONGEST_FUNCTION}");
        Finding::new(source.path, line, wrong, "take the steps out of it and name them")
    };
    too_long.map(finding).collect()
}

/// Each function's name, first line and number of lines.
struct Functions(Vec<(String, usize, usize)>);

impl Functions {
    fn add(&mut self, signature: &Signature, block: &Block) {
        let first = signature.span().start().line;
        self.0.push((signature.ident.to_string(), first, block.span().end().line + 1 - first));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        syn::visit::visit_trait_item_fn(self, function);
    }
}

fn skipped_tests(source: &Source) -> Vec<Finding> {
    let found = source.find(&["#", "[", "ignore"]);
    found
        .into_iter()
        .map(|line| {
            Finding::new(source.path, line, "a test is skipped", "make it pass, or delete it")
        })
        .collect()
}

fn sleeping_tests(source: &Source) -> Vec<Finding> {
    let found =
        ["sleep", "sleep_until", "sleep_ms"].into_iter().flat_map(|name| source.find(&[name, "("]));
    let remedy = "drain what is to be done, or wait for the thing itself";
    let in_test = found.filter(|line| source.is_test(*line));
    in_test.map(|line| Finding::new(source.path, line, "a test sleeps", remedy)).collect()
}

fn sql_outside_store(source: &Source) -> Vec<Finding> {
    if is_room(source.path, "store") || is_room(source.path, "migrations") {
        return Vec::new();
    }
    let remedy = "move it to store.rs, behind a function in the domain's words";
    let imports: [&[&str]; 6] = [
        &["sea_orm"],
        &["sea_query"],
        &["sqlx"],
        &["FromQueryResult"],
        &["TryGetable"],
        &["values", "!"],
    ];
    let named = imports.into_iter().flat_map(|import| {
        let found = source.find(import).into_iter();
        found.map(|line| (line, format!("{} outside the store", import.concat())))
    });
    let written = source.texts().filter(|(_, text)| is_sql(text));
    let found = named.chain(written.map(|(line, _)| (line, "SQL outside the store".to_owned())));
    found
        .filter(|(line, _)| !source.is_test(*line))
        .map(|(line, wrong)| Finding::new(source.path, line, wrong, remedy))
        .collect()
}

/// A sentence such as "Select a course from the list" is none: SQL's words are all capitals or all small.
fn is_sql(text: &str) -> bool {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let first = text.split_whitespace().next().unwrap_or_default();
    let is_one_case =
        first.chars().all(char::is_uppercase) || first.chars().all(char::is_lowercase);
    let lower = text.to_lowercase();
    let begins = |start: &str| lower.starts_with(start);
    let both = |start: &str, later: &str| begins(start) && lower.contains(later);
    is_one_case
        && ([
            "insert into ",
            "delete from ",
            "create table ",
            "create index ",
            "create unique index ",
        ]
        .into_iter()
        .chain(["alter table ", "drop table ", "pragma "])
        .any(begins)
            || both("select ", " from ")
            || both("update ", " set ")
            || both("with ", " as ("))
}

fn impure_domain(source: &Source) -> Vec<Finding> {
    if !is_room(source.path, "domain") {
        return Vec::new();
    }
    let clocks = ["Utc", "Local", "SystemTime", "Instant"].into_iter().flat_map(|clock| {
        let found = source.find(&[clock, ":", ":", "now"]);
        found.into_iter().map(move |line| {
            (
                line,
                format!("the domain reads the clock ({clock}::now)"),
                "take the time as an argument",
            )
        })
    });
    let waits = ["async", "await"].into_iter().flat_map(|word| {
        let found = source.find(&[word]);
        found.into_iter().map(move |line| {
            (line, format!("the domain is {word}"), "decide here, and wait in commands.rs")
        })
    });
    clocks
        .chain(waits)
        .map(|(line, wrong, remedy)| Finding::new(source.path, line, wrong, remedy))
        .collect()
}

fn event_names_in_bus(source: &Source, services: &[String]) -> Vec<Finding> {
    let names = |text: &str| {
        services.iter().find(|service| text.starts_with(&format!("{service}."))).cloned()
    };
    source
        .texts()
        .filter(|(line, _)| !source.is_test(*line))
        .filter_map(|(line, text)| Some((line, names(text)?)))
        .map(|(line, service)| {
            let wrong = format!("the bus names something of {service}'s");
            Finding::new(source.path, line, wrong, "let the service bring the name")
        })
        .collect()
}

fn personal_data(source: &Source) -> Vec<Finding> {
    if source.path == "crates/contract/src/identity.rs"
        || source.path.starts_with("crates/contract/src/identity/")
    {
        return Vec::new();
    }
    let mut fields = SentFields(Vec::new());
    fields.visit_file(&source.tree);
    let personal = fields
        .0
        .into_iter()
        .filter(|(name, line)| PERSONAL.contains(&name.as_str()) && !source.is_test(*line));
    let remedy = "personal data travels in identity's events alone: send the person's id";
    let finding = |(name, line)| {
        Finding::new(source.path, line, format!("the field {name} is personal data"), remedy)
    };
    personal.map(finding).collect()
}

/// The names and lines of the fields of all types that are sent, that is, have a serde derive.
struct SentFields(Vec<(String, usize)>);

impl SentFields {
    fn add(&mut self, fields: &Fields) {
        let named = fields.iter().filter_map(|field| field.ident.as_ref());
        self.0.extend(named.map(|name| (name.to_string(), name.span().start().line)));
    }
}

impl<'ast> Visit<'ast> for SentFields {
    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        if is_sent(&item.attrs) {
            self.add(&item.fields);
        }
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        if is_sent(&item.attrs) {
            item.variants.iter().for_each(|variant| self.add(&variant.fields));
        }
    }
}

fn is_sent(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("derive")).any(|derive| {
        let syn::Meta::List(list) = &derive.meta else {
            return false;
        };
        list.tokens.to_string().contains("erialize")
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// What is wrong with the code, which is given a proper opening first.
    fn wrong(path: &str, code: &str) -> Vec<String> {
        wrong_as_it_is(path, &format!("//! For a test.\n{code}"))
    }

    fn wrong_as_it_is(path: &str, text: &str) -> Vec<String> {
        let services = ["catalog".to_owned(), "learning".to_owned()];
        let source = Source::parse(path, text).map_err(|finding| finding.to_string()).unwrap();
        check(&source, &services).into_iter().map(|finding| finding.wrong).collect()
    }

    const NOTHING: [&str; 0] = [];

    #[test]
    fn a_module_says_what_it_is_for() {
        assert_eq!(
            wrong_as_it_is("a.rs", "use std::fs;"),
            ["the module does not say what it is for"]
        );
        for text in ["\n//! Files.\nuse std::fs;", "#![allow(a)]\n//! Files."] {
            assert_eq!(wrong_as_it_is("a.rs", text), NOTHING);
        }
        assert_eq!(wrong_as_it_is("crates/a/src/b/tests.rs", "use a::b;"), NOTHING);
        assert_eq!(wrong_as_it_is("crates/a/tests/it/main.rs", "use a::b;").len(), 1);
    }

    #[test]
    fn files_and_functions_have_a_length() {
        let long = format!("fn long() {{\n{}}}", "    step();\n".repeat(79));
        assert_eq!(wrong("a.rs", &long), ["the function long has 81 lines, more than 80"]);
        let method = format!("impl A {{ {long} }}");
        assert_eq!(wrong("a.rs", &method).len(), 1);
        let enough = format!("fn enough() {{\n{}}}", "    step();\n".repeat(78));
        assert_eq!(wrong("a.rs", &enough), NOTHING);
        assert_eq!(wrong("a.rs", &"\n".repeat(800)), ["801 lines, more than 800"]);
    }

    #[test]
    fn no_test_is_skipped() {
        assert_eq!(
            wrong("a.rs", "#[test]\n#[ignore = \"slow\"]\nfn a() {}"),
            ["a test is skipped"]
        );
        assert_eq!(wrong("a.rs", "#[test]\nfn ignore() {}"), NOTHING);
    }

    #[test]
    fn no_test_sleeps() {
        let code = "mod tests { fn a() { std::thread::sleep(LONG); } }";
        assert_eq!(wrong("crates/bus/src/a.rs", code), ["a test sleeps"]);
        let code = "async fn a() { tokio::time::sleep(LONG).await }";
        assert_eq!(wrong("estrade/tests/it/a.rs", code), ["a test sleeps"]);
        assert_eq!(wrong("crates/bus/src/relay.rs", code), NOTHING);
    }

    #[test]
    fn sql_stays_in_the_store() {
        let import = "use sea_orm::EntityTrait;";
        let query = "fn a() { run(format!(\"SELECT id FROM {table}\")); }";
        for room in ["pages.rs", "commands/enrol.rs", "store_of_things.rs"] {
            let path = format!("services/catalog/src/{room}");
            assert_eq!(wrong(&path, import), ["sea_orm outside the store"], "{room}");
            assert_eq!(wrong(&path, query), ["SQL outside the store"], "{room}");
        }
        for path in [
            "services/catalog/src/store.rs",
            "services/catalog/src/store/a.rs",
            "services/catalog/src/migrations.rs",
        ] {
            assert_eq!(wrong(path, &format!("{import}\n{query}")), NOTHING, "{path}");
        }
        assert_eq!(wrong("crates/bus/src/outbox.rs", &format!("{import}\n{query}")), NOTHING);
    }

    #[test]
    fn what_binds_and_reads_rows_stays_in_the_store_too() {
        let code =
            "#[derive(bus::FromQueryResult)]\nstruct Row { id: Id }\nfn a() { b(values![1]); }";
        let found = ["FromQueryResult outside the store", "values! outside the store"];
        assert_eq!(wrong("services/catalog/src/pages.rs", code), found);
        assert_eq!(wrong("services/catalog/src/store.rs", code), NOTHING);
        assert_eq!(wrong("services/catalog/src/pages.rs", "fn a(values: &[i32]) {}"), NOTHING);
    }

    #[test]
    fn sql_is_told_from_sentences() {
        for sql in [
            "SELECT 1 FROM a",
            "  insert into a values (1)",
            "UPDATE a SET b = 1",
            "WITH a AS (SELECT 1)",
            "select a\n    from b",
            "PRAGMA x",
        ] {
            assert!(is_sql(sql), "{sql}");
        }
        for sentence in
            ["Select a course from the list", "Update the set", "with this", "delete", "select"]
        {
            assert!(!is_sql(sentence), "{sentence}");
        }
    }

    #[test]
    fn a_domain_has_no_clock_and_waits_for_nothing() {
        let clock = "fn a() -> Time { chrono::Utc::now() }";
        assert_eq!(
            wrong("services/catalog/src/domain.rs", clock),
            ["the domain reads the clock (Utc::now)"]
        );
        assert_eq!(
            wrong("services/catalog/src/domain/quiz.rs", "async fn a() {}"),
            ["the domain is async"]
        );
        assert_eq!(wrong("services/catalog/src/commands.rs", clock), NOTHING);
        assert_eq!(
            wrong("services/catalog/src/domain.rs", "fn a(now: Time) -> Time { now }"),
            NOTHING
        );
    }

    #[test]
    fn the_bus_names_no_event() {
        let code = "const A: &str = \"catalog.course-updated.v1\";";
        assert_eq!(
            wrong("crates/bus/src/relay.rs", code),
            ["the bus names something of catalog's"]
        );
        assert_eq!(
            wrong("crates/bus/src/relay.rs", "/// `catalog.course-updated.v1`\nfn a() {}"),
            NOTHING
        );
        assert_eq!(wrong("crates/bus/tests/it/main.rs", code), NOTHING);
        assert_eq!(wrong("services/learning/src/handlers.rs", code), NOTHING);
    }

    #[test]
    fn personal_data_travels_in_identitys_events_alone() {
        let event = "#[derive(Debug, Serialize)]\npub struct Enrolled { pub learner: Id, pub name: String }";
        assert_eq!(
            wrong("crates/contract/src/learning.rs", event),
            ["the field name is personal data"]
        );
        let choice = "#[derive(Deserialize)]\nenum Sent { Mail { email: String } }";
        assert_eq!(
            wrong("crates/contract/src/learning.rs", choice),
            ["the field email is personal data"]
        );
        assert_eq!(wrong("crates/contract/src/identity.rs", event), NOTHING);
        let entry = "pub struct Entry { pub name: &'static str }";
        assert_eq!(wrong("crates/contract/src/lib.rs", entry), NOTHING);
    }
}
