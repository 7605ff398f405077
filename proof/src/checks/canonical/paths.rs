//! Names in paths: every operation that only looks, every place, every spelling.

use super::{World, spellings::segments};
use crate::check::Context;
use hyper::Method;
use subrosa_testkit::document::{Opens, Operation, operations};

pub(super) async fn attack(context: &Context, world: &World) -> Result<u64, String> {
    let mut sent = 0;
    let every = usize::try_from(context.many(3, 1, 1)).unwrap();
    let looks = operations().into_iter().filter(only_looks);
    for operation in looks {
        let surface = operation.surface();
        let who = operation.master(&world.operator, &world.admin);
        let plain = operation.at(&world.ids);
        let expected = who.get(&plain).await;
        // What answers of itself otherwise, like a log that grows with each request, is compared by its status alone.
        let settled = who.get(&plain).await.bytes == expected.bytes;
        // A code is read as people type it, and a filter that is nothing's finds nothing.
        let places = operation.parameters().into_iter();
        for place in places.filter(|place| *place != "code" && !operation.is_filter(place)) {
            let name = world.ids.get(surface, place).to_owned();
            for (spelled, means) in segments(&name).into_iter().step_by(every) {
                // Put in by hand: the path is not to be encoded any further.
                let around = world.ids.with(surface, place, "@HERE@");
                let path = operation.at(&around).replace("@HERE@", &spelled);
                let Some(reply) = who.sends(&Method::GET, &path, &[], Vec::new()).await else {
                    continue;
                };
                sent += 1;
                let is_id = name.len() == 36 && name.matches('-').count() == 4;
                let same = means.is_some_and(|means| {
                    means == name || (is_id && means.eq_ignore_ascii_case(&name))
                });
                let as_plain =
                    reply.status == expected.status && (!settled || reply.bytes == expected.bytes);
                let refused = [400, 404, 405].contains(&reply.status.as_u16());
                // Another route may be meant by what was sent: `x/..` is none, but a place at the end can be empty.
                if !(refused || same && as_plain) {
                    return Err(format!(
                        "{} at {place}, spelled {path:?}, was answered {}: {}",
                        operation.name(),
                        reply.status,
                        String::from_utf8_lossy(&reply.bytes)
                    ));
                }
            }
        }
    }
    Ok(sent)
}

/// Whether asking for it changes nothing: of old, clients mint by GET.
fn only_looks(operation: &Operation) -> bool {
    let reads = match &operation.opens {
        Opens::Everyone => false,
        Opens::Scope(scope) => !scope.ends_with(":write"),
        Opens::Any | Opens::Operator => true,
    };
    operation.method == Method::GET && reads
}
