import Glibc
import TestSupport

/// A network of its own on this machine, joined to it by one cable that can be pulled.
final class IsolatedHost {
    private let name: String
    private let cable: String
    /// Of this machine, as seen from the host.
    let outerAddress: String
    /// Of the host.
    let address: String

    /// - Throws: where the machine allows no network namespaces.
    init() throws {
        guard geteuid() == 0 else { throw TestSupportError("only root may make networks") }
        guard Command.find("ip") != nil else { throw TestSupportError("iproute2 is not installed") }
        let number = getpid()
        name = "engram-\(number)"
        cable = "eng\(number)"
        let net = "10.\(200 + number % 50).\(number / 50 % 250)"
        outerAddress = net + ".1"
        address = net + ".2"
        try Command.run(["ip", "netns", "add", name])
        do {
            try Self.ip("link add \(cable) type veth peer name eth0 netns \(name)")
            try Self.ip("addr add \(outerAddress)/30 dev \(cable)")
            try Self.ip("link set \(cable) up")
            try Self.ip("-n \(name) addr add \(address)/30 dev eth0")
            try Self.ip("-n \(name) link set eth0 up")
            try Self.ip("-n \(name) link set lo up")
        } catch {
            remove()
            throw error
        }
    }

    deinit { remove() }

    /// Goes before the command of a program that is to run on the host.
    var prefix: [String] { ["ip", "netns", "exec", name] }

    /// Pulls the cable: what is sent is lost, and nobody is told.
    func cutOff() throws { try Self.ip("link set \(cable) down") }

    func connect() throws { try Self.ip("link set \(cable) up") }

    private func remove() {
        _ = try? Self.ip("link del \(cable)")
        _ = try? Command.run(["ip", "netns", "del", name])
    }

    private static func ip(_ arguments: String) throws {
        try Command.run(["ip"] + arguments.split(separator: " ").map(String.init))
    }
}
