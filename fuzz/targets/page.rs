//! Cursors of lists: a list goes on only from what a list has written.
#![cfg_attr(fuzzing, no_main)]

use http::Uri;
use subrosa_server::http::fuzz;

subrosa_fuzz::target!(run);

fn run(data: &[u8]) {
    let Ok(query) = str::from_utf8(data) else { return };
    let token = format!("pageSize=2&pageToken={query}");
    for query in [query, &token] {
        let Ok(uri) = format!("/v1/tenants?{query}").parse::<Uri>() else { continue };
        let Some((size, written)) = fuzz::page(&uri) else { continue };
        assert!((1..=1_000).contains(&size), "a page of {size}");
        let said = |name| fuzz::parameter(&uri, name).ok().flatten();
        let said = said("pageToken").or_else(|| said("pageToken.cursor"));
        for cursor in written {
            assert_eq!(said.as_deref(), Some(&*cursor), "two spellings of one cursor");
        }
    }
}
