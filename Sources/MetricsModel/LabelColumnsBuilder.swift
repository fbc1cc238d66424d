/// Collects series into ``LabelColumns`` of bounded size; see ``LabelColumns/isFull``.
///
/// A label that the series before has at the same place costs a comparison; only others are looked up.
public struct LabelColumnsBuilder: Sendable {
    private var columns = LabelColumns()
    private var numbers: [[UInt8]: UInt32] = [:]
    private var finished: [LabelColumns] = []
    /// Labels of the series before, and of the one that is being added.
    private var previous: [UInt32] = []
    private var current: [UInt32] = []
    /// Name and value of a label, so that they are one key.
    private var pair: [UInt8] = []

    public init() {}

    /// Adds a series.
    ///
    /// - Parameter key: Canonical.
    public mutating func add(_ fingerprint: Fingerprint, key: [UInt8]) {
        if columns.isFull { close() }
        current.removeAll(keepingCapacity: true)
        key.withUnsafeBufferPointer { key in
            var cursor = LabelCursor(key)
            while let (name, value) = cursor.next() { current.append(number(name, value)) }
        }
        columns.addSeries(fingerprint, current)
        swap(&previous, &current)
    }

    /// What was collected; none for no series.
    public consuming func finish() -> [LabelColumns] {
        close()
        return finished
    }

    private mutating func close() {
        guard columns.seriesCount > 0 else { return }
        finished.append(columns)
        columns = LabelColumns()
        numbers.removeAll(keepingCapacity: true)
        previous.removeAll(keepingCapacity: true)
    }

    private mutating func number(
        _ name: UnsafeBufferPointer<UInt8>,
        _ value: UnsafeBufferPointer<UInt8>
    ) -> UInt32 {
        if current.count < previous.count {
            let known = previous[current.count]
            if columns.value(of: Int(known)).elementsEqual(value),
                columns.name(of: Int(known)).elementsEqual(name)
            {
                return known
            }
        }
        pair.removeAll(keepingCapacity: true)
        // The length keeps apart what would be the same end to end.
        withUnsafeBytes(of: UInt32(name.count)) { pair.append(contentsOf: $0) }
        pair.append(contentsOf: name)
        pair.append(contentsOf: value)
        if let known = numbers[pair] { return known }
        let number = columns.addLabel(name: name, value: value)
        numbers[pair] = number
        return number
    }
}
