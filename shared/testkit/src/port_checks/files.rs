//! Checks of [`KeepFiles`].

use domain::ports::KeepFiles;

use crate::must;

/// Tests what keeps files; give a future of one without any.
#[macro_export]
macro_rules! check_files {
    ($fresh:expr) => {
        $crate::each_check!(
            files,
            $fresh,
            [
                has_no_file_at_first,
                reads_back_every_byte,
                a_file_is_what_was_put_last,
            ]
        );
    };
}

const PATH: &str = "events/plan=free/year=2024/month=01/part-00000.parquet";

/// Nothing is where nothing was put.
pub async fn has_no_file_at_first(files: &impl KeepFiles) {
    assert_eq!(must(files.get_file(PATH).await), None);
}

/// Also what is no text, and more than fits into one packet.
pub async fn reads_back_every_byte(files: &impl KeepFiles) {
    let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(700_001).collect();
    must(files.put_file(PATH, bytes.clone()).await);
    assert!(must(files.get_file(PATH).await) == Some(bytes));
    let other = PATH.replace("free", "enterprise");
    assert_eq!(must(files.get_file(&other).await), None);
}

/// Whoever writes a part again.
pub async fn a_file_is_what_was_put_last(files: &impl KeepFiles) {
    for bytes in [vec![1, 2, 3], vec![4]] {
        must(files.put_file(PATH, bytes.clone()).await);
        assert_eq!(must(files.get_file(PATH).await), Some(bytes));
    }
}
