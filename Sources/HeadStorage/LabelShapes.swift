/// Sets of label names, each kept once: series of a metric mostly share theirs.
struct LabelShapes {
    /// Numbers of the names, in the order of a series key.
    private var shapes: [[UInt32]] = []
    private var numbers: [[UInt32]: UInt32] = [:]
    /// The shape that was asked for last; the next series mostly has the same.
    private var latest: UInt32 = 0

    /// Bytes allocated, about.
    var size: Int { shapes.reduce(0) { $0 + 2 * (32 + $1.capacity * 4) } + numbers.capacity * 24 }

    /// The names of a shape.
    subscript(number: UInt32) -> [UInt32] { shapes[Int(number)] }

    /// Completes a list of where a name is in each shape, counted from 0; −1 where it is not.
    func findPositions(of name: UInt32, into positions: inout [Int32]) {
        for shape in shapes[positions.count...] {
            positions.append(shape.firstIndex(of: name).map { Int32($0) } ?? -1)
        }
    }

    /// The number of a set of names, which it gets now if it has none.
    mutating func number(of names: [UInt32]) -> UInt32 {
        if Int(latest) < shapes.count, shapes[Int(latest)] == names { return latest }
        if let known = numbers[names] {
            latest = known
            return known
        }
        latest = UInt32(shapes.count)
        shapes.append(names)
        numbers[names] = latest
        return latest
    }
}
