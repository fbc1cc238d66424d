internal import MetricsModel

/// What the labels of a result of vector matching are made of.
///
/// The names are looked at once for all results, and a result takes one allocation.
struct MatchLabels {
    /// Which labels of the "many" side remain.
    private let projection: LabelProjection?
    private let dropsReserved: Bool
    /// Names of labels from the "one" side, ascending, each once.
    private let included: [[UInt8]]

    /// - Parameter dropsReserved: Whether the result is no longer of the metric.
    init(_ matching: VectorMatching, dropsReserved: Bool) {
        projection =
            matching.cardinality == .oneToOne
            ? LabelProjection(onlyMatching: matching) : nil
        self.dropsReserved = dropsReserved
        included = Set(matching.include).map { Array($0.utf8) }.sorted {
            $0.lexicographicallyPrecedes($1)
        }
    }

    /// Whether the labels of two elements of the "many" side can become equal.
    var canCollide: Bool { dropsReserved || !included.isEmpty }

    func labels(_ many: Labels, _ one: Labels) -> Labels {
        if included.isEmpty, projection == nil, !dropsReserved { return many }
        var key: [UInt8] = []
        key.reserveCapacity(many.key.count + (included.isEmpty ? 0 : 64 * included.count))
        many.key.withUnsafeBufferPointer { many in
            one.key.withUnsafeBufferPointer { one in write(many, one, to: &key) }
        }
        return Labels(unchecked: key)
    }

    private func write(
        _ many: UnsafeBufferPointer<UInt8>,
        _ one: UnsafeBufferPointer<UInt8>,
        to key: inout [UInt8]
    ) {
        var cursor = LabelCursor(many)
        var partner = LabelCursor(one)
        var begin = 0
        var next = 0
        while let (name, _) = cursor.next() {
            var isReplaced = false
            while next < included.count {
                let order = included[next].withUnsafeBufferPointer { compareBytes($0, name) }
                guard order <= 0 else { break }
                isReplaced = order == 0
                append(included[next], of: one, &partner, to: &key)
                next += 1
            }
            if !isReplaced, remains(name) { key.append(contentsOf: many[begin..<cursor.position]) }
            begin = cursor.position
        }
        for name in included[next...] { append(name, of: one, &partner, to: &key) }
    }

    private func remains(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if dropsReserved, LabelNameSet.reserved.contains(name) { return false }
        return projection?.remains(name) ?? true
    }

    /// Copies a label of the "one" side, if it is there.
    ///
    /// - Parameter partner: Stands behind the labels whose names come before.
    private func append(
        _ wanted: [UInt8],
        of one: UnsafeBufferPointer<UInt8>,
        _ partner: inout LabelCursor,
        to key: inout [UInt8]
    ) {
        wanted.withUnsafeBufferPointer { wanted in
            while true {
                let begin = partner
                guard let (name, _) = partner.next() else { return }
                let order = compareBytes(name, wanted)
                guard order >= 0 else { continue }
                if order == 0 {
                    key.append(contentsOf: one[begin.position..<partner.position])
                } else {
                    // Another included name may be this one.
                    partner = begin
                }
                return
            }
        }
    }
}
