internal import MetricsModel

/// A label index in the making, that will have what lives in another one and nothing else.
///
/// Made in slices, while the old index serves; series that come and go meanwhile are followed.
struct LabelIndexRebuild: ~Copyable {
    private var fresh = LabelIndex()
    /// The first serial of the old index that is not yet looked at.
    private var next: UInt32 = 0
    /// Serials in the new index by series number.
    private var serials: [UInt32] = []

    private static let none = UInt32.max

    init() {}

    /// Bytes allocated, about.
    var size: Int { fresh.size + serials.capacity * 4 }

    /// Copies what lives among the next serials of the old index.
    ///
    /// - Returns: Whether some are left.
    mutating func advance(over old: borrowing LabelIndex, limit: Int) -> Bool {
        let end = UInt32(min(old.serialCount, Int(next) + limit))
        while next < end {
            if let number = old.number(of: next) { copy(next, number, from: old) }
            next += 1
        }
        return Int(next) < old.serialCount
    }

    /// Takes note that a series left the old index.
    mutating func remove(_ serial: UInt32, number: UInt32) {
        // Nothing is copied yet, or not so far.
        guard serial < next else { return }
        fresh.remove(serials[Int(number)])
        serials[Int(number)] = Self.none
    }

    /// The new index, once nothing is left to copy.
    ///
    /// - Parameter moved: Called with number and new serial of each series.
    consuming func finish(
        moved: (_ number: UInt32, _ serial: UInt32) -> Void
    ) -> LabelIndex {
        for (number, serial) in serials.enumerated() where serial != Self.none {
            moved(UInt32(number), serial)
        }
        return fresh
    }

    private mutating func copy(_ serial: UInt32, _ number: UInt32, from old: borrowing LabelIndex) {
        let key = old.labels(of: serial).key
        let added = key.withUnsafeBufferPointer { try? fresh.add(key: $0, number: number) }
        guard let added else { preconditionFailure("a smaller index has less room") }
        while serials.count <= Int(number) { serials.append(Self.none) }
        serials[Int(number)] = added
    }
}
