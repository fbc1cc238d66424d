/// Chooses the tokens of a member that joins, so that everyone's share stays nearly even.
///
/// Random tokens leave shares some 10 % apart; these leave them within a few per cent. Existing tokens stay where
/// they are, so what moves is exactly what the new member takes.
///
/// Shares are evened out among the members of one zone: with as many zones as copies each zone holds every
/// series once, and its members divide it among themselves.
public enum TokenChoice {
    /// Enough for an even spread of what a leaving member leaves behind.
    public static let defaultCount = 512

    /// Tokens for a new member, ascending, none of them in use.
    ///
    /// The first of a zone gets one token at a random place in each of `count` equal arcs. A later one takes
    /// its share piece by piece, always from the largest arc of the member that owns most.
    /// - Parameter members: Those on the ring; the one that joins is not among them or has no tokens.
    public static func tokens(
        joining zone: String,
        members: [RingMember],
        count: Int = defaultCount,
        using generator: inout some RandomNumberGenerator
    ) -> [UInt32] {
        precondition((1...1 << 16).contains(count), "token count \(count)")
        var used = Set(members.flatMap(\.tokens))
        let peers = members.filter { $0.zone == zone && !$0.tokens.isEmpty }
        guard !peers.isEmpty else {
            return stratified(count: count, used: &used, using: &generator)
        }
        var donors = Donors(peers)
        var needed = RingArc.circle / UInt64(peers.count + 1)
        var tokens: [UInt32] = []
        tokens.reserveCapacity(count)
        for remaining in (1...count).reversed() {
            let piece = max(1, needed / UInt64(remaining))
            guard let cut = donors.cut(piece, used: used) else { break }
            used.insert(cut.token)
            tokens.append(cut.token)
            needed -= min(needed, cut.size)
        }
        return tokens.sorted()
    }

    private static func stratified(
        count: Int,
        used: inout Set<UInt32>,
        using generator: inout some RandomNumberGenerator
    ) -> [UInt32] {
        let width = RingArc.circle / UInt64(count)
        var tokens: [UInt32] = []
        tokens.reserveCapacity(count)
        for index in 0..<UInt64(count) {
            var token: UInt32
            repeat {
                token = UInt32(index * width + generator.next(upperBound: width))
            } while !used.insert(token).inserted
            tokens.append(token)
        }
        return tokens
    }
}

/// The members that give arcs away, with their arcs.
private struct Donors {
    private struct Arc {
        /// The token before the arc, which is not part of it.
        var start: UInt32
        var size: UInt64
    }

    /// For each member, by ascending size.
    private var arcs: [[Arc]]
    private var shares: [UInt64]

    init(_ members: [RingMember]) {
        let sorted = members.sorted { $0.instance < $1.instance }
        var entries: [(token: UInt32, owner: Int)] = []
        for (owner, member) in sorted.enumerated() {
            for token in member.tokens { entries.append((token, owner)) }
        }
        entries.sort { ($0.token, $0.owner) < ($1.token, $1.owner) }
        arcs = Array(repeating: [], count: sorted.count)
        shares = Array(repeating: 0, count: sorted.count)
        guard var previous = entries.last?.token else { return }
        for (index, entry) in entries.enumerated() {
            // Of a token held twice the first holder owns the arc.
            if index > 0, entry.token == previous { continue }
            let size = RingArc.size(from: previous, to: entry.token)
            arcs[entry.owner].append(Arc(start: previous, size: size))
            shares[entry.owner] += size
            previous = entry.token
        }
        for owner in arcs.indices { arcs[owner].sort { $0.size < $1.size } }
    }

    /// Cuts the front of the largest arc of the largest donor; nil where no arc can be cut any more.
    mutating func cut(_ wanted: UInt64, used: Set<UInt32>) -> (token: UInt32, size: UInt64)? {
        guard let donor = shares.indices.max(by: { shares[$0] < shares[$1] }),
            let arc = arcs[donor].last
        else { return nil }
        var size = min(wanted, arc.size - 1)
        // Other zones' tokens lie inside the arc; the next free place is near.
        while size > 0, used.contains(arc.start &+ UInt32(size)) { size -= 1 }
        guard size > 0 else { return nil }
        let token = arc.start &+ UInt32(size)
        arcs[donor].removeLast()
        insert(Arc(start: token, size: arc.size - size), of: donor)
        shares[donor] -= size
        return (token, size)
    }

    private mutating func insert(_ arc: Arc, of donor: Int) {
        var low = 0
        var high = arcs[donor].count
        while low < high {
            let middle = (low + high) / 2
            if arcs[donor][middle].size < arc.size { low = middle + 1 } else { high = middle }
        }
        arcs[donor].insert(arc, at: low)
    }
}
