/// How many bytes all heads may take, and what is done at which level.
struct MemoryBudget: Equatable {
    /// Beyond it writes are refused.
    let limit: Int

    enum Level: Equatable {
        case normal
        /// Windows are flushed before their end.
        case high
        /// Writes are refused too.
        case full
    }

    /// Above it windows are flushed before their end: four fifths, so that a flush has time to end.
    var highMark: Int { limit / 5 * 4 }

    /// Down to it is flushed, so that not every sample more begins a flush.
    var target: Int { limit / 5 * 3 }

    func level(of size: Int) -> Level {
        if size >= limit { return .full }
        return size > highMark ? .high : .normal
    }

    /// The tenants to flush: the largest, until their sizes come to what has to go.
    ///
    /// - Parameter sizes: Bytes of each tenant, in the order of the answer's numbers.
    func largest(of sizes: [Int]) -> [Int] {
        var excess = sizes.reduce(0, +) - target
        var chosen: [Int] = []
        for number in sizes.indices.sorted(by: { (sizes[$0], $1) > (sizes[$1], $0) })
        where excess > 0 && sizes[number] > 0 {
            chosen.append(number)
            excess -= sizes[number]
        }
        return chosen
    }
}
