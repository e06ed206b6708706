//! Where everything stands in the picture: the exchange in the middle, the services around it, and between
//! them an arrow each way. Plain geometry, in the picture's own units.

use ui::Text;

use super::{
    super::{ControlRoom, pages},
    movements::Sample,
};
use crate::cli::ServiceName;

const MIDDLE: (f64, f64) = (500.0, 330.0);
/// Half the width and height of the ring of services, of the exchange, and of a box.
const RING: (f64, f64) = (380.0, 265.0);
const EXCHANGE: (f64, f64) = (128.0, 60.0);
const BOX: (f64, f64) = (102.0, 42.0);
/// Half the distance between the two arrows of a service.
const APART: f64 = 9.0;

/// The picture, ready to be printed.
pub(super) struct Drawing {
    pub(super) boxes: Vec<ServiceBox>,
    pub(super) middle: (i64, i64),
    pub(super) exchange: (i64, i64),
}

/// A service with its arrows; all its numbers are the picture's units.
pub(super) struct ServiceBox {
    pub(super) name: &'static str,
    pub(super) caption: String,
    pub(super) is_here: bool,
    pub(super) corner: (i64, i64),
    pub(super) size: (i64, i64),
    pub(super) centre: (i64, i64),
    /// From the box into the exchange.
    pub(super) outward: Arrow,
    /// From the exchange into the box.
    pub(super) inward: Arrow,
    /// What waits in its queues.
    pub(super) waiting: String,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Arrow {
    pub(super) from: (i64, i64),
    pub(super) to: (i64, i64),
}

impl Drawing {
    pub(super) fn of(room: &ControlRoom, t: Text, now: Option<&Sample>) -> Self {
        let boxes = ServiceName::ALL.into_iter().zip(places()).map(|(name, place)| {
            let waiting = now.and_then(|sample| sample.of(name.name())?.waiting);
            let waiting = waiting.map_or_else(
                || "–".to_owned(),
                |count| t.with("picture-waiting", [("count", count.into())]),
            );
            ServiceBox::at(
                name,
                place,
                pages::caption(t, name),
                room.member(name).is_some(),
                waiting,
            )
        });
        Self { boxes: boxes.collect(), middle: whole(MIDDLE), exchange: whole(EXCHANGE) }
    }
}

/// The centres of the boxes, clockwise from the top.
fn places() -> impl Iterator<Item = (f64, f64)> {
    let count = ServiceName::ALL.len();
    (0..count).map(move |number| {
        #[expect(clippy::cast_precision_loss, reason = "seven")]
        let turn = number as f64 / count as f64;
        let angle = (turn - 0.25) * std::f64::consts::TAU;
        (MIDDLE.0 + RING.0 * angle.cos(), MIDDLE.1 + RING.1 * angle.sin())
    })
}

impl ServiceBox {
    fn at(
        name: ServiceName,
        place: (f64, f64),
        caption: String,
        is_here: bool,
        waiting: String,
    ) -> Self {
        let (out_near, out_far) = line(place, APART);
        let (in_near, in_far) = line(place, -APART);
        Self {
            name: name.name(),
            caption,
            is_here,
            corner: whole((place.0 - BOX.0, place.1 - BOX.1)),
            size: whole((BOX.0 * 2.0, BOX.1 * 2.0)),
            centre: whole(place),
            outward: Arrow { from: whole(out_far), to: whole(out_near) },
            inward: Arrow { from: whole(in_near), to: whole(in_far) },
            waiting,
        }
    }
}

/// From the edge of the exchange to the edge of a box, beside the line between their centres.
fn line(place: (f64, f64), apart: f64) -> ((f64, f64), (f64, f64)) {
    let (x, y) = (place.0 - MIDDLE.0, place.1 - MIDDLE.1);
    let length = x.hypot(y).max(1.0);
    let aside = (-y / length * apart, x / length * apart);
    let at = |part: f64| (MIDDLE.0 + aside.0 + x * part, MIDDLE.1 + aside.1 + y * part);
    let is_in_exchange = |part: f64| {
        let (x, y) = at(part);
        ((x - MIDDLE.0) / EXCHANGE.0).hypot((y - MIDDLE.1) / EXCHANGE.1) < 1.0
    };
    let is_before_box = |part: f64| {
        let (x, y) = at(part);
        (x - place.0).abs() > BOX.0 || (y - place.1).abs() > BOX.1
    };
    (at(last_where(is_in_exchange)), at(last_where(is_before_box)))
}

/// The end of the part of a line, from its beginning on, where something is so.
fn last_where(is_so: impl Fn(f64) -> bool) -> f64 {
    let (mut so, mut not) = (0.0, 1.0);
    for _ in 0..20 {
        let middle: f64 = f64::midpoint(so, not);
        if is_so(middle) { so = middle } else { not = middle }
    }
    not
}

#[expect(clippy::cast_possible_truncation, reason = "a thousand at most")]
fn whole((x, y): (f64, f64)) -> (i64, i64) {
    (x.round() as i64, y.round() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_boxes_are_in_the_picture_and_none_lies_on_another() {
        let places: Vec<_> = places().collect();
        for (number, one) in places.iter().enumerate() {
            assert!(one.0 - BOX.0 >= 0.0 && one.0 + BOX.0 <= 1000.0, "{one:?}");
            assert!(one.1 - BOX.1 >= 0.0 && one.1 + BOX.1 <= 660.0, "{one:?}");
            for other in &places[..number] {
                let apart =
                    (one.0 - other.0).abs() > BOX.0 * 2.0 || (one.1 - other.1).abs() > BOX.1 * 2.0;
                assert!(apart, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn an_arrow_goes_from_edge_to_edge() {
        let (near, far) = line((MIDDLE.0, MIDDLE.1 - 200.0), 0.0);
        assert_eq!((whole(near), whole(far)), ((500, 270), (500, 172)));
        for place in places() {
            let ((_, far), (_, other)) = (line(place, APART), line(place, -APART));
            for (x, y) in [far, other] {
                let (x, y) = ((x - place.0).abs() / BOX.0, (y - place.1).abs() / BOX.1);
                assert!((x.max(y) - 1.0).abs() < 0.001, "{place:?}");
            }
        }
    }
}
