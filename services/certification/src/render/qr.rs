//! A QR code as one SVG path: no seams between its squares, however it is printed.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use super::RenderError;

/// The empty margin that readers need, in squares.
const QUIET: usize = 2;

pub(super) fn svg(url: &str) -> Result<String, RenderError> {
    let code = QrCode::with_error_correction_level(url, EcLevel::M)
        .map_err(|error| RenderError::VerificationUrl(format!("{error}")))?;
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (y, row) in code.to_colors().chunks(width).enumerate() {
        draw_row(&mut path, y + QUIET, row);
    }
    Ok(format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}" height="{side}"><path d="{path}" fill="#000"/></svg>"##
    ))
}

/// Draws each unbroken run of dark squares as one rectangle.
fn draw_row(path: &mut String, y: usize, row: &[Color]) {
    let mut x = QUIET;
    for run in row.chunk_by(|left, right| left == right) {
        let length = run.len();
        if run.first() == Some(&Color::Dark) {
            // Writing to a string cannot fail.
            let _ = write!(path, "M{x} {y}h{length}v1h-{length}z");
        }
        x += length;
    }
}
