//! The item of a movement of stock: `MOVE#<uuid>`. Written once, with the stock that it moves.

use domain::{MovementId, MovementKind, Sku, StockMovement};
use serde::{Deserialize, Serialize};

use super::note::NoteItem;
use super::parts::Nanos;
use super::{Image, ItemError, expect_entity, read, write};
use crate::key::Key;

const ENTITY: &str = "movement";

#[derive(Debug, Serialize, Deserialize)]
struct MovementItem {
    pk: String,
    entity: String,
    sku: String,
    by: i32,
    kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
    who: String,
    at: Nanos,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    note: Option<NoteItem>,
    #[serde(default)]
    news: bool,
}

pub(crate) fn encode(movement: &StockMovement) -> Result<Image, ItemError> {
    write(MovementItem {
        pk: Key::Movement(movement.id).pk(),
        entity: ENTITY.to_owned(),
        sku: movement.sku.to_string(),
        by: movement.by,
        kind: movement.kind.name().to_owned(),
        reason: movement.reason.clone(),
        who: movement.who.clone(),
        at: Nanos(movement.at),
        note: Some(note(movement)),
        news: true,
    })
}

fn note(movement: &StockMovement) -> NoteItem {
    let action = format!("stock.{}", movement.kind.name());
    let object = format!("stock/{}", movement.sku);
    NoteItem::new(1, movement.at, &action, object)
}

pub(crate) fn decode(image: Image) -> Result<StockMovement, ItemError> {
    let item: MovementItem = read(image)?;
    expect_entity(&item.entity, ENTITY)?;
    let kind = MovementKind::from_name(&item.kind);
    Ok(StockMovement {
        id: id_of(&item.pk)?,
        sku: Sku::parse(&item.sku).map_err(ItemError::of("sku"))?,
        by: item.by,
        kind: kind.ok_or_else(|| ItemError::of("kind")("no known kind"))?,
        reason: item.reason,
        who: item.who,
        at: item.at.0,
    })
}

fn id_of(pk: &str) -> Result<MovementId, ItemError> {
    match Key::parse(pk).map_err(ItemError::of("pk"))? {
        Key::Movement(id) => Ok(id),
        _ => Err(ItemError::of("pk")("the key names no movement")),
    }
}
