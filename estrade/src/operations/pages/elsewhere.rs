//! What other processes know, on a page of this one: links to the pages of the services that know it, and a
//! script that shows here what stands there.

use std::sync::LazyLock;

use ui::Asset;

use super::ControlRoom;

pub(super) static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    let content = include_str!("../../../assets/elsewhere.js");
    Asset::text("elsewhere.js", "text/javascript; charset=utf-8", content)
});

/// Of a page, the parts that other processes know.
pub(super) struct Elsewhere {
    pub(super) parts: Vec<Part>,
}

pub(super) struct Part {
    pub(super) service: &'static str,
    /// Of the page that shows it.
    pub(super) address: String,
}

impl Elsewhere {
    /// What of a service this process does not know stands at the address.
    pub(super) fn of(room: &ControlRoom, address: impl Fn(&str) -> String) -> Self {
        let part = |service| Part { service, address: address(service) };
        Self { parts: room.elsewhere().map(part).collect() }
    }

    /// Of a page about one service alone.
    pub(super) fn none() -> Self {
        Self { parts: Vec::new() }
    }

    /// The address of the script.
    pub(super) fn script(&self) -> &'static str {
        SCRIPT.address()
    }

    /// Whether nothing of the page is known elsewhere.
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}
