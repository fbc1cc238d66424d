import Services

/// Every role in one process, and the operator's subcommands.
@main
enum Main {
    static func main() async {
        await ServiceMain.engram()
    }
}
