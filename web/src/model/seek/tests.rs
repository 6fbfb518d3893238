use super::*;

#[test]
fn while_a_seek_is_under_way_only_the_last_wish_is_kept() {
    let mut queue = SeekQueue::default();
    assert_eq!(queue.want(10), Some(10));
    assert_eq!(queue.want(11), None);
    assert_eq!(queue.want(12), None);
    assert_eq!(queue.done(), Some(12));
    assert!(queue.is_busy());
    assert_eq!(queue.done(), None);
    assert!(!queue.is_busy());
}
