internal import MetricsModel
internal import PromQL

/// Counts series, labels and label values; a series counts once, however many places hold it.
struct CardinalityTally {
    private let maximumSeries: Int
    private let memory: MemoryAccount
    private var known: Set<Fingerprint> = []
    private var nameNumbers: [[UInt8]: Int] = [:]
    /// Label names with the counts of their values, in the order in which they came.
    private(set) var names: [CountedName] = []
    /// Bytes that are held and not yet charged.
    private var uncharged = 0

    /// What a place in the set takes, full and growing ones together.
    private static let seriesSize = 40
    /// A label value without its bytes: an array, a place in a dictionary, its counts.
    private static let valueSize = 96
    private static let chargeSize = 1 << 20

    /// - Parameters:
    ///   - maximumSeries: More are an error that says what to do.
    ///   - memory: Where the bytes of the tally are counted.
    init(maximumSeries: Int, memory: MemoryAccount) {
        self.maximumSeries = maximumSeries
        self.memory = memory
    }

    var seriesCount: Int { known.count }

    /// Distinct labels of all names.
    var labelCount: Int { names.reduce(0) { $0 + $1.values.count } }

    /// Counts the series of a piece that are new.
    ///
    /// - Parameters:
    ///   - tenant: For the answer of several tenants: whose they are.
    ///   - onNew: Told the number of each new series in the piece.
    /// - Throws: ``QueryError/limit(_:)`` beyond the bound of series, `MemoryLimitExceeded` beyond that of memory.
    mutating func add(
        _ columns: LabelColumns,
        tenant: TenantID? = nil,
        onNew: (Int) throws -> Void = { _ in }
    ) throws {
        var places = [Place?](repeating: nil, count: columns.labelCount)
        var tenantPlace: Place?
        for series in 0..<columns.seriesCount
        where known.insert(columns.fingerprints[series]).inserted {
            guard known.count <= maximumSeries else { throw tooManySeries }
            uncharged += Self.seriesSize
            for number in columns.labelNumbers[columns.labels(of: series)] {
                let label = Int(number)
                let place = places[label] ?? find(label, in: columns, renaming: tenant != nil)
                places[label] = place
                names[place.name].counts[place.value] += 1
            }
            if let tenant {
                let place =
                    tenantPlace ?? find(Array(TenantSet.label.utf8), Array(tenant.name.utf8))
                tenantPlace = place
                names[place.name].counts[place.value] += 1
            }
            if uncharged >= Self.chargeSize {
                try memory.charge(uncharged)
                uncharged = 0
            }
            try onNew(series)
        }
    }

    func label(named name: String) -> CountedName? {
        nameNumbers[Array(name.utf8)].map { names[$0] }
    }

    private var tooManySeries: QueryError {
        .limit(
            "more than \(maximumSeries) series would have to be counted; narrow the range with start and end, "
                + "or the series with a selector"
        )
    }

    private mutating func find(
        _ label: Int,
        in columns: LabelColumns,
        renaming: Bool
    ) -> Place {
        var name = Array(columns.name(of: label))
        if renaming, name.elementsEqual(TenantSet.label.utf8) {
            name = Array(TenantSet.originalLabel.utf8)
        }
        return find(name, Array(columns.value(of: label)))
    }

    private mutating func find(_ name: [UInt8], _ value: [UInt8]) -> Place {
        let number: Int
        if let known = nameNumbers[name] {
            number = known
        } else {
            number = names.count
            nameNumbers[name] = number
            names.append(CountedName(name: name))
            uncharged += Self.valueSize + name.count * 2
        }
        if let known = names[number].numbers[value] { return Place(name: number, value: known) }
        let place = names[number].counts.count
        names[number].numbers[value] = place
        names[number].values.append(value)
        names[number].counts.append(0)
        uncharged += Self.valueSize + value.count
        return Place(name: number, value: place)
    }

    private struct Place {
        let name: Int
        let value: Int
    }
}

/// A label name and how many series have each of its values.
struct CountedName: Sendable {
    let name: [UInt8]
    fileprivate(set) var values: [[UInt8]] = []
    /// Series of each value.
    fileprivate(set) var counts: [Int] = []
    fileprivate var numbers: [[UInt8]: Int] = [:]

    fileprivate init(name: [UInt8]) { self.name = name }

    var text: String { String(decoding: name, as: UTF8.self) }

    /// Series that have the label.
    var seriesCount: Int { counts.reduce(0, +) }

    /// Bytes of the label's values, once for each series.
    var size: Int { zip(values, counts).reduce(0) { $0 + $1.0.count * $1.1 } }

    /// Values with their series.
    func ranking(limit: Int) -> CountRanking {
        var selection = RankingSelection(limit: limit)
        for (value, count) in zip(values, counts) { selection.add(count) { value } }
        return selection.finish()
    }
}
