//! Reads Rust source for the layers test: which paths it names, and whether it is async.
//!
//! Every path counts, wherever it stands: `use` lines, types, expressions, patterns, attributes and
//! the tokens inside macros. A path is resolved from where it stands (`super::`, `self::`, inline
//! modules), so no spelling hides an arrow.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use proc_macro2::{Spacing, Span, TokenStream, TokenTree};
use syn::visit::{self, Visit};

/// One thing a file does that a rule may have something to say about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Deed {
    /// Names a path of ours, spelled from the root of the crate.
    Names(Vec<String>),
    /// Names a path of another crate.
    NamesOutside(Vec<String>),
    /// Is asynchronous.
    Awaits,
}

/// Where a deed stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    /// The module it stands in, from the root; `main` for the binary.
    pub(crate) module: Vec<String>,
    pub(crate) line: usize,
    pub(crate) deed: Deed,
}

/// What one file does, by its path under `src`.
pub(crate) fn read_source(file: &str, source: &str) -> Vec<Found> {
    let parsed = syn::parse_file(source).unwrap_or_else(|error| panic!("src/{file}: {error}"));
    let mut module: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if module
        .last()
        .is_some_and(|last| last == "mod" || last == "lib")
    {
        module.pop();
    }
    let mut reader = Reader {
        is_binary: file == "main.rs",
        module,
        found: Vec::new(),
    };
    reader.visit_file(&parsed);
    reader.found
}

struct Reader {
    is_binary: bool,
    module: Vec<String>,
    found: Vec<Found>,
}

impl Reader {
    fn add(&mut self, span: Span, deed: Deed) {
        self.found.push(Found {
            module: self.module.clone(),
            line: span.start().line,
            deed,
        });
    }

    /// Notes a path as it is written; names that only mean something locally are nobody's arrow.
    fn add_path(&mut self, span: Span, path: &[String]) {
        let Some(first) = path.first().map(String::as_str) else {
            return;
        };
        let deed = match first {
            "crate" if !self.is_binary => Deed::Names(path[1..].to_vec()),
            "admit" if self.is_binary => Deed::Names(path[1..].to_vec()),
            "self" | "super" if path.len() > 1 => Deed::Names(self.resolve(path)),
            _ if path.len() > 1 && other_crates().contains(first) => {
                Deed::NamesOutside(path.to_vec())
            }
            _ => return,
        };
        self.add(span, deed);
    }

    fn resolve(&self, path: &[String]) -> Vec<String> {
        let mut place = self.module.clone();
        for (index, segment) in path.iter().enumerate() {
            match segment.as_str() {
                "self" => {}
                "super" => drop(place.pop()),
                _ => {
                    return place
                        .into_iter()
                        .chain(path[index..].iter().cloned())
                        .collect();
                }
            }
        }
        place
    }

    fn add_use(&mut self, tree: &syn::UseTree, mut path: Vec<String>) {
        let (span, last) = match tree {
            syn::UseTree::Path(inner) => {
                path.push(inner.ident.to_string());
                return self.add_use(&inner.tree, path);
            }
            syn::UseTree::Group(group) => {
                return group
                    .items
                    .iter()
                    .for_each(|item| self.add_use(item, path.clone()));
            }
            syn::UseTree::Name(name) => (name.ident.span(), name.ident.to_string()),
            syn::UseTree::Rename(rename) => (rename.ident.span(), rename.ident.to_string()),
            syn::UseTree::Glob(glob) => (glob.star_token.spans[0], String::new()),
        };
        // `use a::{self}` and `use a::*` both name `a`.
        if !last.is_empty() && (last != "self" || path.is_empty()) {
            path.push(last);
        }
        self.add_path(span, &path);
    }

    /// Paths among the tokens of a macro: `a::b::c`, and `a::{b, c}` as every one of its members.
    fn scan(&mut self, tokens: TokenStream, prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Group(group) => self.scan(group.stream(), prefix),
                TokenTree::Ident(ident) => {
                    let mut path = prefix.to_vec();
                    path.push(ident.to_string());
                    while is_double_colon(&tokens[at..]) {
                        let Some(TokenTree::Ident(next)) = tokens.get(at + 2) else {
                            break;
                        };
                        path.push(next.to_string());
                        at += 3;
                    }
                    match tokens.get(at + 2) {
                        Some(TokenTree::Group(group)) if is_double_colon(&tokens[at..]) => {
                            self.scan(group.stream(), &path);
                            at += 3;
                        }
                        // A lone `crate` is a visibility, not a path.
                        _ if path.len() > 1 => self.add_path(ident.span(), &path),
                        _ => {}
                    }
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}

/// Crates a path can start with: the standard ones and every normal dependency.
fn other_crates() -> &'static BTreeSet<String> {
    static NAMES: OnceLock<BTreeSet<String>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let manifest: toml::Table = toml::from_str(include_str!("../../Cargo.toml"))
            .unwrap_or_else(|error| panic!("Cargo.toml: {error}"));
        let dependencies = manifest["dependencies"].as_table().into_iter().flatten();
        let names = dependencies.map(|(name, _)| name.replace('-', "_"));
        names
            .chain(["std", "core", "alloc"].map(str::to_owned))
            .collect()
    })
}

fn is_double_colon(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(first), TokenTree::Punct(second), ..] = tokens else {
        return false;
    };
    first.as_char() == ':' && first.spacing() == Spacing::Joint && second.as_char() == ':'
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_use(&item.tree, Vec::new());
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let span = path
            .segments
            .first()
            .map_or_else(Span::call_site, |s| s.ident.span());
        self.add_path(span, &names);
        visit::visit_path(self, path);
    }

    /// `pub(crate)` and `pub(super)` are no arrows.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.scan(item.tokens.clone(), &[]);
        visit::visit_macro(self, item);
    }

    fn visit_meta_list(&mut self, list: &'ast syn::MetaList) {
        self.scan(list.tokens.clone(), &[]);
        visit::visit_meta_list(self, list);
    }

    fn visit_signature(&mut self, signature: &'ast syn::Signature) {
        if let Some(token) = signature.asyncness {
            self.add(token.span, Deed::Awaits);
        }
        visit::visit_signature(self, signature);
    }

    fn visit_expr_async(&mut self, block: &'ast syn::ExprAsync) {
        self.add(block.async_token.span, Deed::Awaits);
        visit::visit_expr_async(self, block);
    }

    fn visit_expr_await(&mut self, expression: &'ast syn::ExprAwait) {
        self.add(expression.await_token.span, Deed::Awaits);
        visit::visit_expr_await(self, expression);
    }
}
