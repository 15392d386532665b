//! Percentiles as an SVG, in the look of those in `docs/performance`.

use super::latency::Summary;

const WIDTH: f64 = 860.0;
const MARGIN: f64 = 20.0;
const LABEL: f64 = 70.0;
const ROW: f64 = 28.0;
/// What the longest bar leaves to its right for its value.
const ROOM: f64 = 120.0;

/// Bars, one for each percentile.
pub(crate) fn svg(title: &str, summary: &Summary) -> String {
    let longest = summary
        .percentiles
        .iter()
        .map(|it| it.ms)
        .fold(0.0, f64::max);
    let room = WIDTH - 2.0 * MARGIN - LABEL - ROOM;
    let mut rows = String::new();
    let mut y = MARGIN + 2.0 * ROW;
    for percentile in &summary.percentiles {
        let (percent, ms) = (percentile.percent, percentile.ms);
        let width = if longest > 0.0 {
            room * ms / longest
        } else {
            0.0
        };
        let (x, base) = (MARGIN + LABEL, y + 14.0);
        let value = x + width + 8.0;
        rows.push_str(&format!(
            "<text x=\"{MARGIN}\" y=\"{base}\">{percent} %</text>\n\
             <rect x=\"{x}\" y=\"{y}\" width=\"{width:.2}\" height=\"18\" fill=\"#0072b2\"/>\n\
             <text x=\"{value:.1}\" y=\"{base}\">{ms:.1} ms</text>\n"
        ));
        y += ROW;
    }
    let (height, title) = (y + MARGIN, escaped(title));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\" role=\"img\">\n<title>{title}</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <text x=\"{MARGIN}\" y=\"{}\" font-size=\"16\" font-weight=\"bold\">{title}</text>\n\
         {rows}</svg>\n",
        MARGIN + 16.0
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::latency::Latency;
    use super::*;

    #[test]
    fn each_percentile_is_a_bar_as_long_as_it_took() {
        let mut latency = Latency::default();
        (1..=100).for_each(|ms| latency.note(Duration::from_millis(ms)));
        let plot = svg("a < b & c", &latency.summary());
        assert!(plot.contains("<title>a &lt; b &amp; c</title>"), "{plot}");
        assert_eq!(plot.matches("fill=\"#0072b2\"").count(), 6);
        assert!(
            plot.contains(">99 %</text>") && plot.contains(">99.0 ms</text>"),
            "{plot}"
        );
        assert!(plot.contains("width=\"630.00\""), "{plot}");
    }

    #[test]
    fn without_anything_measured_there_is_a_title_and_no_bar() {
        let plot = svg("nothing", &Latency::default().summary());
        assert!(plot.starts_with("<svg ") && plot.ends_with("</svg>\n"));
        assert_eq!(plot.matches("#0072b2").count(), 0);
    }
}
