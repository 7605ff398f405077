//! `:reveal`, of one secret and of many. The only answers on this surface that hold a value.

use crate::http::{
    answer,
    extract::{Admitted, Body, Ids, MaybeBody, parse_id},
    problem::{self, Answer, Refusal},
};
use subrosa_api::{
    secret_value::WireValue,
    v1::secrets::{Reveal, RevealBatch, RevealItem, Revealed, RevealedBatch, RevealedItem},
};
use subrosa_app::{AppError, secrets::BatchItem};
use subrosa_domain::{SecretId, audit::Reason, policy::RevealSecrets};

/// Reads a secret's live value.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/secrets/{secret}/~reveal", tag = "secrets",
    security(("bearer" = ["secrets:reveal"])), request_body = Option<Reveal>,
    responses((status = 200, body = Revealed)))]
pub(crate) async fn secrets_reveal(
    who: Admitted<RevealSecrets>,
    Ids((_, secret)): Ids<(String, String)>,
    MaybeBody(body): MaybeBody<Reveal>,
) -> Answer {
    reveal(&who, parse_id(&secret)?, body.reason).await
}

/// The same for a request that was read already.
pub(crate) async fn reveal(
    who: &Admitted<RevealSecrets>,
    secret: SecretId,
    reason: Option<Reason>,
) -> Answer {
    let read = who.app.reveal_secret(&who.op, &who.permit, secret, reason).await;
    let read = read.map_err(who.refusal())?;
    let (id, key) = (read.secret_id.uuid(), read.key.to_string());
    let body = Revealed::new(id, key, read.version, WireValue::from(read.value));
    answer::value(&who.exchange, &body)
}

/// Reads many live values, with an answer for each.
#[utoipa::path(post, path = "/v1/tenants/{tenant}/secrets/~reveal", tag = "secrets",
    security(("bearer" = ["secrets:reveal"])), request_body = RevealBatch,
    responses((status = 200, body = RevealedBatch)))]
pub(crate) async fn secrets_reveal_batch(
    who: Admitted<RevealSecrets>,
    Body(body): Body<RevealBatch>,
) -> Answer {
    let items = body.items.iter().map(named_once).collect::<Result<Vec<_>, _>>()?;
    let read = who.app.reveal_secrets(&who.op, &who.permit, &items, body.reason).await;
    let refuse = who.refusal();
    let answers = body.items.iter().zip(read.map_err(&refuse)?).map(|(item, read)| match read {
        Ok(read) => {
            let (id, key) = (read.secret_id.uuid(), read.key.to_string());
            RevealedItem::value(id, key, read.version, WireValue::from(read.value))
        }
        Err(denied) => {
            let refusal = refuse(AppError::from(denied));
            let request = who.exchange.origin.request_id;
            RevealedItem::refused(item, problem::problem(&refusal, request))
        }
    });
    answer::value(&who.exchange, &RevealedBatch { items: answers.collect() })
}

fn named_once(item: &RevealItem) -> Result<BatchItem, Refusal> {
    match (item.id, &item.key) {
        (Some(id), None) => Ok(BatchItem::Id(id)),
        (None, Some(key)) => Ok(BatchItem::Key(key.clone())),
        _ => Err(AppError::invalid("/items", "must each have exactly one of id and key").into()),
    }
}
