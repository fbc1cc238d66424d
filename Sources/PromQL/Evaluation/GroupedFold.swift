internal import CHashing
internal import MetricsModel

/// The groups of an aggregation, and what it remembers of each.
struct GroupedFold<Fold: GroupFold>: Sendable {
    private let stepCount: Int
    private let histogramUse: HistogramUse
    private var index = GroupIndex()
    /// Whether the name of an element of the group is only kept until the end of the query.
    private var dropsName: [Bool] = []
    private var fold = Fold()
    private var histograms = HistogramFold()

    init(stepCount: Int, _ histogramUse: HistogramUse) {
        self.stepCount = stepCount
        self.histogramUse = histogramUse
    }

    var groupCount: Int { index.count }

    /// Adds an element to the group of a key.
    mutating func add(
        _ element: StepColumn,
        key: [UInt8],
        dropsName: Bool,
        name: @autoclosure () -> String
    ) {
        let group = group(key)
        self.dropsName[group] = self.dropsName[group] || dropsName
        let slot = group * stepCount
        fold.fold(element.floats, at: slot + element.span.lowerBound)
        if !element.histograms.isEmpty {
            for step in element.span {
                guard let histogram = element.histograms[step] else { continue }
                histograms.add(histogram, at: slot + step, histogramUse, name: name())
            }
        }
    }

    /// Adds all groups of another part.
    mutating func merge(_ other: GroupedFold) {
        for otherGroup in 0..<other.groupCount {
            let group = group(other.index.key(otherGroup))
            dropsName[group] = dropsName[group] || other.dropsName[otherGroup]
            fold.merge(
                other.fold,
                from: otherGroup * stepCount,
                count: stepCount,
                at: group * stepCount
            )
            histograms.merge(
                other.histograms,
                from: otherGroup * stepCount,
                count: stepCount,
                at: group * stepCount
            )
        }
    }

    private mutating func group(_ key: [UInt8]) -> Int {
        let group = index.group(key)
        if group == dropsName.count {
            dropsName.append(false)
            fold.grow(by: stepCount)
        }
        return group
    }

    /// One column for each group with a value.
    ///
    /// - Parameters:
    ///   - position: Of the expression that is aggregated.
    ///   - finish: Makes the result of a slot's fold, such as its root.
    func columns(
        _ annotations: inout Annotations,
        at position: SourceRange,
        _ finish: (Double) -> Double
    ) -> [SeriesColumn] {
        (0..<groupCount).compactMap { group in
            var builder = ColumnBuilder()
            for step in 0..<stepCount {
                let slot = group * stepCount + step
                let float = fold.result(slot)
                switch histograms.result(slot, float, histogramUse, &annotations, at: position) {
                case .float(let value)?: builder.append(finish(value), at: step)
                case .histogram(let histogram)?: builder.append(histogram, at: step)
                case nil: break
                }
            }
            return builder.column(
                Labels(unchecked: index.key(group)),
                dropsName: dropsName[group]
            )
        }
    }
}

/// Numbers for keys, in order of their first appearance.
struct GroupIndex: Sendable {
    private var keys: [[UInt8]] = []
    private var hashes: [UInt64] = []
    /// Group numbers by hash, with linear probing; -1 is free.
    private var slots: [Int32] = [Int32](repeating: -1, count: 16)

    var count: Int { keys.count }

    func key(_ group: Int) -> [UInt8] { keys[group] }

    /// The number of a key, a new one if it is new.
    mutating func group(_ key: [UInt8]) -> Int {
        let hash = key.withUnsafeBytes { engram_xxh3_64($0.baseAddress, $0.count) }
        var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
        while slots[place] >= 0 {
            let group = Int(slots[place])
            if hashes[group] == hash, keys[group] == key { return group }
            place = (place + 1) & (slots.count - 1)
        }
        slots[place] = Int32(keys.count)
        keys.append(key)
        hashes.append(hash)
        if keys.count * 4 > slots.count * 3 { grow() }
        return keys.count - 1
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for (group, hash) in hashes.enumerated() {
            var place = Int(truncatingIfNeeded: hash) & (slots.count - 1)
            while slots[place] >= 0 { place = (place + 1) & (slots.count - 1) }
            slots[place] = Int32(group)
        }
    }
}
