internal import MetricsModel

/// Merges lists of series, each sorted by labels, into one such list.
///
/// Equal label sets meet: replicas and blocks of the same series. A heap is not worth it: sources are a handful of
/// ingesters and the blocks of the range.
struct SeriesMerge<Element> {
    private let lists: [[Element]]
    private let labels: (Element) -> Labels
    private var positions: [Int]

    init(_ lists: [[Element]], labels: @escaping (Element) -> Labels) {
        self.lists = lists.filter { !$0.isEmpty }
        self.labels = labels
        positions = Array(repeating: 0, count: self.lists.count)
    }

    /// The next label set with all its elements, in the order of the lists.
    mutating func next() -> (labels: Labels, elements: [Element])? {
        var smallest: Labels?
        var owners: [Int] = []
        for (index, list) in lists.enumerated() where positions[index] < list.count {
            let candidate = labels(list[positions[index]])
            if let current = smallest {
                if candidate == current {
                    owners.append(index)
                } else if candidate < current {
                    smallest = candidate
                    owners = [index]
                }
            } else {
                smallest = candidate
                owners = [index]
            }
        }
        guard let smallest else { return nil }
        var elements: [Element] = []
        for owner in owners {
            elements.append(lists[owner][positions[owner]])
            positions[owner] += 1
        }
        return (smallest, elements)
    }
}
