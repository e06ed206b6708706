//! What a dead letter holds, for an operator's eyes. Names, mail addresses and what else `identity` alone
//! may tell of a person are for administrators; what opens an account is for nobody.

use event::Role;
use serde_json::Value;
use ui::Session;

/// Fields that say who somebody is, or what somebody wrote.
const PERSONAL: &[&str] = &[
    "name",
    "first_name",
    "last_name",
    "full_name",
    "display_name",
    "mail",
    "email",
    "mail_address",
    "address",
    "phone",
    "to",
    "endpoint",
    "text",
];
/// Fields that whoever reads them may use.
const SECRET: &[&str] = &["link", "token", "password", "secret", "auth", "p256dh"];
pub(super) const HIDDEN: &str = "•••";

/// Who reads it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reader {
    Operator,
    /// Who may see people's names anyway.
    Administrator,
}

impl Reader {
    pub(super) fn of(session: &Session) -> Self {
        if session.is(Role::Administrator) { Self::Administrator } else { Self::Operator }
    }
}

/// Hides what this reader may not see; gives whether anything was hidden.
pub(super) fn hide(content: &mut Value, reader: Reader) -> bool {
    let mut hidden = false;
    match content {
        Value::Object(fields) => {
            for (name, value) in fields {
                hidden |= hide_field(name, value, reader);
            }
        }
        Value::Array(values) => {
            for value in values {
                hidden |= hide(value, reader);
            }
        }
        _ => {}
    }
    hidden
}

fn hide_field(name: &str, value: &mut Value, reader: Reader) -> bool {
    let is_personal = reader == Reader::Operator && PERSONAL.contains(&name);
    let is_hidden = (is_personal || SECRET.contains(&name)) && !value.is_object();
    if !is_hidden || value.is_null() {
        return hide(value, reader);
    }
    *value = HIDDEN.into();
    true
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn letter() -> Value {
        json!({ "id": 7, "data": { "person": "p", "name": "Ana", "mail": null,
            "link": "/new-password/abc", "answers": [{ "text": "An essay" }, { "picked": [1] }] } })
    }

    #[test]
    fn an_operator_sees_no_names_and_nobody_a_link() {
        let mut seen = letter();
        assert!(hide(&mut seen, Reader::Operator));
        assert_eq!(
            seen["data"],
            json!({ "person": "p", "name": HIDDEN, "mail": null, "link": HIDDEN,
                "answers": [{ "text": HIDDEN }, { "picked": [1] }] })
        );
        let mut seen = letter();
        assert!(hide(&mut seen, Reader::Administrator));
        assert_eq!((&seen["data"]["name"], &seen["data"]["link"]), (&"Ana".into(), &HIDDEN.into()));
        assert!(!hide(&mut json!({ "course": "c", "data": [1, "x"] }), Reader::Operator));
    }
}
