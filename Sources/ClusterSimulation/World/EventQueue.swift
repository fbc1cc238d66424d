/// What is to happen, by time; events of the same time in the order in which they were added.
///
/// A binary heap.
struct EventQueue {
    struct Event {
        /// Microseconds since the beginning.
        var time: Int64
        var number: UInt64
        var action: () -> Void

        func precedes(_ other: Event) -> Bool { (time, number) < (other.time, other.number) }
    }

    private var heap: [Event] = []
    private var nextNumber: UInt64 = 0

    mutating func add(at time: Int64, _ action: @escaping () -> Void) {
        heap.append(Event(time: time, number: nextNumber, action: action))
        nextNumber += 1
        var child = heap.count - 1
        while child > 0, heap[child].precedes(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func popFirst(noLaterThan end: Int64) -> Event? {
        guard let first = heap.first, first.time <= end else { return nil }
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var smallest = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].precedes(heap[smallest]) {
                smallest = child
            }
            guard smallest != parent else { return first }
            heap.swapAt(parent, smallest)
            parent = smallest
        }
    }
}
