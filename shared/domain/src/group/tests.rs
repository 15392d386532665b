//! What a group and its list are called.

use super::*;

#[test]
fn a_group_reads_under_a_name_that_is_no_persons() {
    let id = GroupId(Uuid::from_u128(7));
    let reader = id.reader();
    assert_eq!(
        reader.as_str(),
        "group:00000000-0000-0000-0000-000000000007"
    );
    assert_eq!(CustomerId::parse(reader.as_str()), Ok(reader.clone()));
    assert!(reader.is_of_groups());
    assert_eq!(GroupId::of_reader(&reader), Some(id));
    let person = CustomerId::from(Uuid::from_u128(7));
    assert!(!person.is_of_groups());
    assert_eq!(GroupId::of_reader(&person), None);
}

#[test]
fn a_group_is_read_in_the_one_form_that_we_write() {
    for text in [
        "",
        "group:",
        "group:7",
        "GROUP:00000000-0000-0000-0000-000000000007",
    ] {
        assert_eq!(GroupId::parse_list(text), None, "{text}");
    }
    let upper = "group:0000000A-0000-0000-0000-000000000007";
    assert_eq!(GroupId::parse_list(upper), None);
}
