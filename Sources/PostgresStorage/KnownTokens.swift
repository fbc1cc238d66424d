import HashRing

/// The tokens of ring members that this process has read or written, so that they need not travel again.
///
/// A ring of a thousand members has 4 MB of tokens in the database, and every process reads it every few seconds.
/// An instance chooses its tokens once in an epoch, before it leaves ``MemberState/pending``, and epochs never come
/// back; so instance and epoch stand for them.
struct KnownTokens {
    private struct Entry {
        var epoch: Int64
        var tokens: [UInt32]
    }

    private var entries: [String: Entry] = [:]

    /// The tokens of a row as it was read without them; nil where they must be read.
    func tokens(of row: RingMember) -> [UInt32]? {
        guard row.state != .pending, let entry = entries[row.instance], entry.epoch == row.epoch
        else { return nil }
        return entry.tokens
    }

    /// Whether the row of this epoch has these tokens already.
    func isStored(_ member: RingMember) -> Bool { tokens(of: member) == member.tokens }

    /// Notes what a row has; tokens that may still change are not noted.
    mutating func note(_ member: RingMember) {
        guard member.state != .pending, !member.tokens.isEmpty else { return }
        entries[member.instance] = Entry(epoch: member.epoch, tokens: member.tokens)
    }

    /// Forgets those that are not on the ring any more.
    mutating func keep(only members: [RingMember]) {
        guard entries.count > members.count else { return }
        let instances = Set(members.map(\.instance))
        entries = entries.filter { instances.contains($0.key) }
    }
}
