internal import MetricsModel

/// Label names and values of a block in the making, each as a small number.
///
/// Series come sorted, so most of a series' labels are those of the one before: these cost a
/// comparison, and only the others are hashed.
struct LabelSymbols: Sendable {
    /// One label of a series.
    struct Label: Sendable {
        /// Index into ``names``.
        let name: Int
        /// Index into the name's values.
        let value: Int
    }

    /// The label names without `__name__`, ascending.
    let names: [[UInt8]]
    private let indexes: [[UInt8]: Int]
    private var values: [Values]
    /// Bytes in memory of the values known, about.
    var size: Int { values.reduce(0) { $0 + $1.size } }
    /// Index of the name at each place of the series before; -1 for `__name__`.
    private var previousNames: [Int] = []
    private static let metricName = Array(Labels.metricName.utf8)

    /// - Parameter names: All label names that will come, `__name__` or not.
    init(names: some Sequence<[UInt8]>) {
        var seen = Set(names)
        seen.remove(Self.metricName)
        self.names = seen.sorted { $0.lexicographicallyPrecedes($1) }
        indexes = Dictionary(uniqueKeysWithValues: self.names.enumerated().map { ($1, $0) })
        values = Array(repeating: Values(), count: self.names.count)
    }

    init(namesOf series: [PendingSeries]) {
        var seen: Set<[UInt8]> = []
        var previous: [[UInt8]] = []
        for pending in series {
            Self.forEachLabel(of: pending.labels) { place, name, _ in
                if place < previous.count, Self.equal(previous[place], name) { return }
                let bytes = Array(name)
                seen.insert(bytes)
                previous.replaceSubrange(min(place, previous.count)..., with: [bytes])
            }
        }
        self.init(names: seen)
    }

    /// Forgets all values, so that numbers given out so far mean nothing any more.
    mutating func forgetValues() {
        for index in values.indices { values[index] = Values() }
    }

    /// Returns a series' labels without `__name__`, in order of name.
    mutating func symbols(of labels: Labels) -> [Label] {
        var symbols: [Label] = []
        symbols.reserveCapacity(previousNames.count)
        Self.forEachLabel(of: labels) { place, name, value in
            let index = index(of: name, at: place)
            guard index >= 0 else { return }
            symbols.append(Label(name: index, value: values[index].index(of: value)))
        }
        return symbols
    }

    func value(of label: Label) -> [UInt8] {
        values[label.name].list[label.value]
    }

    private mutating func index(of name: UnsafeBufferPointer<UInt8>, at place: Int) -> Int {
        if place < previousNames.count {
            let previous = previousNames[place]
            if Self.equal(previous < 0 ? Self.metricName : names[previous], name) {
                return previous
            }
        }
        let index = indexes[Array(name)] ?? -1
        previousNames.replaceSubrange(min(place, previousNames.count)..., with: [index])
        return index
    }

    private static func forEachLabel(
        of labels: Labels,
        _ body: (
            _ place: Int, _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>
        ) -> Void
    ) {
        labels.key.withUnsafeBufferPointer { key in
            var cursor = LabelCursor(key)
            var place = 0
            while let (name, value) = cursor.next() {
                body(place, name, value)
                place += 1
            }
        }
    }

    fileprivate static func equal(_ bytes: [UInt8], _ other: UnsafeBufferPointer<UInt8>) -> Bool {
        bytes.count == other.count && bytes.withUnsafeBufferPointer { compareBytes($0, other) == 0 }
    }

    /// The values of one name.
    private struct Values: Sendable {
        private(set) var list: [[UInt8]] = []
        private var indexes: [[UInt8]: Int] = [:]
        private var last = 0
        private(set) var size = 0

        mutating func index(of value: UnsafeBufferPointer<UInt8>) -> Int {
            if last < list.count, LabelSymbols.equal(list[last], value) { return last }
            let bytes = Array(value)
            if let known = indexes[bytes] {
                last = known
            } else {
                last = list.count
                indexes[bytes] = last
                list.append(bytes)
                // In a list and a dictionary, which share the bytes.
                size += bytes.count + 96
            }
            return last
        }
    }
}
