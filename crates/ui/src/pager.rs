//! Leafing through a list whose page stands in `?page=`.

use askama::Template;

use crate::{Html, TEXTS, Text, Visit};

/// Pages beside the present one that have a link of their own.
const AROUND: u32 = 2;

/// Where a list is opened, and how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pager {
    page: u32,
    extent: Extent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Pages(u32),
    HasNext(bool),
}

impl Pager {
    /// Of a list whose length is known: `Pager::counted(visit.page_number(), 25, total)`. Past its end it is
    /// opened at its last page.
    #[must_use]
    pub fn counted(page: u32, size: u32, total: u64) -> Self {
        let pages = total.div_ceil(u64::from(size.max(1))).max(1);
        let pages = u32::try_from(pages).unwrap_or(u32::MAX);
        Self { page: page.min(pages), extent: Extent::Pages(pages) }
    }

    /// Of a list of which one row more than shown was asked for.
    #[must_use]
    pub fn open(page: u32, has_next: bool) -> Self {
        Self { page, extent: Extent::HasNext(has_next) }
    }

    /// The page that is shown, from 1.
    #[must_use]
    pub fn page(&self) -> u32 {
        self.page
    }

    /// How many rows of the list stand before the page that is shown, with so many on each.
    #[must_use]
    pub fn skipped(&self, size: u32) -> u64 {
        u64::from(self.page.saturating_sub(1)) * u64::from(size)
    }

    /// Nothing, if all is on one page.
    #[must_use]
    pub fn html(&self, visit: &Visit) -> Html {
        let t = Text::new(&TEXTS, visit.language);
        let last = self.last();
        if self.page == 1 && last == 1 {
            return Html::default();
        }
        let address = |page: u32| visit.address_with("page", Some(&page.to_string()));
        let numbers = match self.extent {
            Extent::Pages(pages) => numbers(self.page, pages),
            Extent::HasNext(_) => Vec::new(),
        };
        let entry = |page: Option<u32>| match page {
            None => Entry::default(),
            Some(page) => {
                let label = t.with("pager-page", [("page", page.into())]);
                Entry { page, label, address: address(page), is_present: page == self.page }
            }
        };
        Html::of(&Leaves {
            t,
            where_in_words: match self.extent {
                Extent::Pages(pages) => {
                    t.with("pager-of", [("page", self.page.into()), ("pages", pages.into())])
                }
                Extent::HasNext(_) => t.with("pager-page", [("page", self.page.into())]),
            },
            previous: (self.page > 1).then(|| address(self.page - 1)),
            next: (self.page < last).then(|| address(self.page + 1)),
            entries: numbers.into_iter().map(entry).collect(),
        })
    }

    fn last(&self) -> u32 {
        match self.extent {
            Extent::Pages(pages) => pages,
            Extent::HasNext(true) => self.page.saturating_add(1),
            Extent::HasNext(false) => self.page,
        }
    }
}

/// The pages with a link, in order; none where some are left out.
fn numbers(page: u32, pages: u32) -> Vec<Option<u32>> {
    let near = page.saturating_sub(AROUND)..=page.saturating_add(AROUND);
    let mut shown: Vec<u32> =
        near.chain([1, pages]).filter(|it| (1..=pages).contains(it)).collect();
    shown.sort_unstable();
    shown.dedup();
    let mut numbers = Vec::new();
    for page in shown {
        if numbers.last().copied().flatten().is_some_and(|before: u32| before + 1 < page) {
            numbers.push(None);
        }
        numbers.push(Some(page));
    }
    numbers
}

#[derive(Template)]
#[template(path = "pager.html")]
struct Leaves {
    t: Text,
    where_in_words: String,
    previous: Option<String>,
    next: Option<String>,
    entries: Vec<Entry>,
}

/// A page's link; 0 is a gap.
#[derive(Default)]
struct Entry {
    page: u32,
    label: String,
    address: String,
    is_present: bool,
}

#[cfg(test)]
mod tests {
    use event::Language;

    use super::*;

    fn html(pager: Pager, address: &str) -> String {
        pager.html(&Visit::example(address, None, Language::En)).to_string()
    }

    #[test]
    fn one_page_needs_no_leafing() {
        assert_eq!(html(Pager::counted(1, 25, 25), "/people"), "");
        assert_eq!(html(Pager::counted(1, 25, 0), "/people"), "");
        assert_eq!(html(Pager::open(1, false), "/people"), "");
    }

    #[test]
    fn links_keep_the_query() {
        let html = html(Pager::counted(2, 25, 60), "/people?q=ana&page=2");
        assert!(html.contains(r#"href="/people?q=ana&#38;page=1" rel="prev""#), "{html}");
        assert!(html.contains(r#"href="/people?q=ana&#38;page=3" rel="next""#), "{html}");
        assert!(html.contains(r#"aria-current="page""#) && html.contains("Page 2 of 3"), "{html}");
    }

    #[test]
    fn far_pages_are_left_out() {
        let some = |pages: &[u32]| -> Vec<Option<u32>> {
            pages.iter().map(|page| (*page > 0).then_some(*page)).collect()
        };
        assert_eq!(numbers(1, 3), some(&[1, 2, 3]));
        assert_eq!(numbers(10, 20), some(&[1, 0, 8, 9, 10, 11, 12, 0, 20]));
        assert_eq!(numbers(4, 4), some(&[1, 2, 3, 4]));
    }

    #[test]
    fn past_the_end_is_the_last_page() {
        let past = Pager::counted(99, 25, 60);
        assert_eq!((past.page(), Pager::counted(7, 25, 0).page()), (3, 1));
        let past = html(past, "/people?page=99");
        assert!(past.contains("Page 3 of 3") && past.contains("page=2\" rel=\"prev\""), "{past}");
        assert!(!past.contains("rel=\"next\""), "{past}");
        assert_eq!(html(Pager::counted(7, 25, 3), "/courses?page=7"), "");
        assert!(html(Pager::open(3, true), "/p?page=3").contains("page=4"));
    }
}
