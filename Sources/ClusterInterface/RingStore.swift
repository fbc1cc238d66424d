public import HashRing

/// Where the ring's members are kept; one row per instance, heartbeats by the store's clock.
///
/// Every call throws ``StoreError``.
public protocol RingStore: Sendable {
    /// Takes an identity: inserts or replaces the row, raises its epoch by one and beats once.
    ///
    /// A row that exists keeps its tokens unless `member.tokens` is not empty. Deletions that were not carried out when the
    /// identity left the ring, or came since, are named by ``RingMember/deletionsSeen``, until a heartbeat says that they are
    /// settled.
    /// - Returns: the row as it is now, with the epoch that this process must show from now on.
    func register(_ member: RingMember) async throws -> RingMember

    /// Beats, and sets the state, the tokens and the deletions seen, if the epoch is still the row's.
    ///
    /// Tokens are chosen once in an epoch: those of a member that is not ``MemberState/pending`` do not change any more.
    ///
    /// - Throws: ``StoreError/fenced(instance:epoch:)`` where another process has taken the identity, and
    ///   ``StoreError/missing(_:)`` where the row is gone.
    func heartbeat(_ member: RingMember) async throws

    /// Removes the row, if the epoch is still the row's, and notes which deletions were carried out by now.
    func unregister(_ member: RingMember) async throws

    /// All rows, by instance.
    func members() async throws -> [RingMember]
}
