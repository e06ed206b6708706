//! A Rust file, read in two ways: as a tree, and as a flat row of tokens that reaches into macros too.

use std::{ops::RangeInclusive, path::Path};

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::{Attribute, Meta, spanned::Spanned, visit::Visit};

use super::Finding;

pub struct Source<'a> {
    pub path: &'a str,
    pub text: &'a str,
    pub tree: syn::File,
    pub tokens: Vec<Token>,
    test_lines: Vec<RangeInclusive<usize>>,
}

pub struct Token {
    pub line: usize,
    pub kind: Kind,
}

#[derive(PartialEq, Eq)]
pub enum Kind {
    /// A word or a sign.
    Plain(String),
    /// A string literal's value.
    Text(String),
}

impl<'a> Source<'a> {
    pub fn parse(path: &'a str, text: &'a str) -> Result<Self, Finding> {
        let unreadable = |span: Span, cause: String| {
            Finding::new(
                path,
                span.start().line,
                format!("this is not Rust ({cause})"),
                "make it compile",
            )
        };
        let tree =
            syn::parse_file(text).map_err(|error| unreadable(error.span(), error.to_string()))?;
        let stream: TokenStream =
            text.parse().map_err(|_| unreadable(Span::call_site(), "tokens".into()))?;
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        let mut tests = TestLines(Vec::new());
        tests.visit_file(&tree);
        Ok(Self { path, text, tree, tokens, test_lines: tests.0 })
    }

    /// Where these words and signs follow one another.
    pub fn find(&self, sequence: &[&str]) -> Vec<usize> {
        self.tokens
            .windows(sequence.len())
            .filter(|window| window.iter().zip(sequence).all(|(token, word)| token.is(word)))
            .map(|window| window[0].line)
            .collect()
    }

    /// Every string literal that is not documentation.
    pub fn texts(&self) -> impl Iterator<Item = (usize, &str)> {
        self.tokens.iter().filter_map(|token| match &token.kind {
            Kind::Text(text) => Some((token.line, text.as_str())),
            Kind::Plain(_) => None,
        })
    }

    pub fn is_test(&self, line: usize) -> bool {
        self.is_test_file() || self.test_lines.iter().any(|lines| lines.contains(&line))
    }

    /// A file such as `src/grade/tests.rs` or `src/grade_tests.rs`: the module that it tests speaks for it.
    pub fn is_tests_of_a_module(&self) -> bool {
        let path = Path::new(self.path);
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let in_source = path.components().any(|part| part.as_os_str() == "src");
        in_source && (name == "tests" || name.ends_with("_test") || name.ends_with("_tests"))
    }

    fn is_test_file(&self) -> bool {
        // The conformance suite is a test that each transport runs.
        let folders = ["tests", "conformance"];
        let path = Path::new(self.path).with_extension("");
        path.components().any(|part| folders.iter().any(|folder| part.as_os_str() == *folder))
            || self.is_tests_of_a_module()
            || self.tree.attrs.iter().any(is_for_tests)
    }
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(&self.kind, Kind::Plain(own) if own == word)
    }
}

fn flatten(stream: TokenStream, into: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        if is_sign(&tree, '#') {
            trees.next_if(|next| is_sign(next, '!'));
            if trees.next_if(is_documentation).is_some() {
                continue;
            }
        }
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => flatten_group(&group, into),
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string());
                let kind = text.map_or_else(
                    |_| Kind::Plain(literal.to_string()),
                    |text| Kind::Text(text.value()),
                );
                into.push(Token { line, kind });
            }
            other => into.push(Token { line, kind: Kind::Plain(other.to_string()) }),
        }
    }
}

fn flatten_group(group: &Group, into: &mut Vec<Token>) {
    let (open, close) = match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    };
    let sign = |span: Span, sign: &str| Token {
        line: span.start().line,
        kind: Kind::Plain(sign.to_owned()),
    };
    into.push(sign(group.span_open(), open));
    flatten(group.stream(), into);
    into.push(sign(group.span_close(), close));
}

fn is_sign(tree: &TokenTree, sign: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn is_documentation(tree: &TokenTree) -> bool {
    let TokenTree::Group(group) = tree else {
        return false;
    };
    matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word)) if word == "doc")
}

struct TestLines(Vec<RangeInclusive<usize>>);

impl<'ast> Visit<'ast> for TestLines {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let (attributes, is_named_tests): (&[Attribute], bool) = match item {
            syn::Item::Mod(module) => (&module.attrs, module.ident == "tests"),
            syn::Item::Fn(function) => (&function.attrs, false),
            syn::Item::Impl(block) => (&block.attrs, false),
            syn::Item::Struct(item) => (&item.attrs, false),
            _ => (&[], false),
        };
        if is_named_tests || attributes.iter().any(is_for_tests) {
            self.0.push(item.span().start().line..=item.span().end().line);
        } else {
            syn::visit::visit_item(self, item);
        }
    }
}

/// `#[test]`, `#[tokio::test]`, `#[rstest]`, `#[cfg(test)]` and the like.
fn is_for_tests(attribute: &Attribute) -> bool {
    let last = attribute.path().segments.last().map(|segment| segment.ident.to_string());
    if matches!(last.as_deref(), Some("test" | "rstest")) {
        return true;
    }
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    let words = list.tokens.to_string();
    list.path.is_ident("cfg") && words.contains("test") && !words.contains("not")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parse<'a>(path: &'a str, text: &'a str) -> Source<'a> {
        Source::parse(path, text).map_err(|finding| finding.to_string()).unwrap()
    }

    #[test]
    fn tokens_reach_into_macros_and_leave_documentation_out() {
        let source = parse(
            "a.rs",
            "//! Doc.\n/// \"more\"\nfn f() {\n    format!(\"one {}\", Utc::now());\n}\n",
        );
        assert_eq!(source.texts().collect::<Vec<_>>(), [(4, "one {}")]);
        assert_eq!(source.find(&["Utc", ":", ":", "now"]), [4]);
    }

    #[test]
    fn test_code_is_known_by_its_attribute_its_module_and_its_file() {
        let text = "fn a() {}\n#[cfg(test)]\nmod b {\n    fn c() {}\n}\n#[tokio::test]\nasync fn d() {}\nmod tests {\n}\n";
        let source = parse("src/lib.rs", text);
        let found: Vec<usize> = (1..=9).filter(|line| source.is_test(*line)).collect();
        assert_eq!(found, [2, 3, 4, 5, 6, 7, 8, 9]);
        for path in
            ["tests/it/main.rs", "src/grade_test.rs", "src/tests.rs", "src/conformance/order.rs"]
        {
            assert!(parse(path, "fn a() {}").is_test(1), "{path}");
        }
        assert!(!parse("src/a.rs", "#[cfg(not(test))]\nfn a() {}").is_test(2));
    }

    #[test]
    fn what_is_not_rust_is_a_finding() {
        let finding = Source::parse("a.rs", "fn a() {}\nfn (").err().unwrap();
        assert_eq!((finding.path.as_str(), finding.line), ("a.rs", 2));
    }
}
