/// Asks now and then whether an evaluation has to stop.
///
/// Work is counted in samples that are looked at, which cost 1 to 100 ns each, so that between two questions lie
/// some ten milliseconds at most, also within one long series. Counting costs less than a nanosecond.
struct StopCheck {
    private let control: EvaluationControl
    private var left = Self.interval

    /// Samples between two questions.
    static let interval = 1 << 18
    /// What one native histogram counts: it costs as much as that many floats.
    static let histogramWeight = 64

    init(_ control: EvaluationControl) {
        self.control = control
    }

    /// Counts work that is about to be done.
    ///
    /// - Parameter samples: Floats, or histograms times ``histogramWeight``.
    /// - Throws: what ``EvaluationControl/check()`` throws.
    @inline(__always)
    mutating func count(_ samples: Int) throws(EvaluationError) {
        left &-= samples
        if left < 0 { try ask() }
    }

    @inline(never)
    private mutating func ask() throws(EvaluationError) {
        left = Self.interval
        try control.check()
    }
}

/// Work on whole vectors, which is long where they have hundreds of thousands of elements.
extension EvaluationControl {
    /// What dropping, finding or comparing the labels of an element costs, in samples.
    private static let labelWeight = 8

    /// Makes something of each element; nil leaves it out.
    func compactMap<Element, Made>(
        _ elements: [Element],
        _ make: (Element) -> Made?
    ) throws(EvaluationError) -> [Made] {
        var stop = StopCheck(self)
        var made: [Made] = []
        made.reserveCapacity(elements.count)
        for element in elements {
            try stop.count(Self.labelWeight)
            if let one = make(element) { made.append(one) }
        }
        return made
    }

    /// The elements in a strict order; equal ones stay as they came.
    func sorted<Element>(
        _ elements: [Element],
        by precedes: (Element, Element) -> Bool
    ) throws(EvaluationError) -> [Element] {
        var stop = StopCheck(self)
        do {
            return try elements.sorted { left, right in
                try stop.count(1)
                return precedes(left, right)
            }
        } catch {
            // The comparison throws nothing else.
            throw error as? EvaluationError ?? .cancelled
        }
    }
}
