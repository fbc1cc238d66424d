internal import TestSupport

/// All that is drawn by lot in a simulation.
struct Chance {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// Whether something happens that happens so many times in a thousand.
    mutating func happens(_ perMille: Int) -> Bool {
        perMille > 0 && Int.random(in: 0..<1000, using: &generator) < perMille
    }

    mutating func number(in range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &generator)
    }

    mutating func seed() -> UInt64 { generator.next() }

    mutating func index(below count: Int) -> Int {
        count == 1 ? 0 : Int.random(in: 0..<count, using: &generator)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element? {
        elements.isEmpty ? nil : elements[index(below: elements.count)]
    }

    /// Milliseconds between two bounds.
    mutating func milliseconds(_ range: ClosedRange<Int64>) -> Duration {
        .milliseconds(number(in: range))
    }

    /// Seconds between two bounds.
    mutating func seconds(_ range: ClosedRange<Int64>) -> Duration {
        .milliseconds(number(in: range.lowerBound * 1000...range.upperBound * 1000))
    }
}
