// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.policy;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.policy.Cases;
import dev.mcpmtls.runtime.AccessRules;
import dev.mcpmtls.runtime.settings.Settings;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Decides the calls of a file and compares. */
@Command(
        name = "test",
        description =
                "Decides the calls in a file as if the rules were enforced, and prints the differences. Exits with 5"
                        + " if there are any.")
final class TestCommand implements Callable<Integer> {

    private final Invocation invocation;

    @Parameters(paramLabel = "FILE", description = "YAML: cases with peer, server, tool, arguments and expect")
    private Path file = Path.of("");

    TestCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() {
        Settings settings = invocation.settings();
        Cases cases = Cases.load(file, AccessRules::server, new Peers(settings)::find);
        List<Cases.Result> results =
                cases.test(AccessRules.load(settings).policy().policy(), Instant.now());
        List<Cases.Result> different = results.stream()
                .filter(result -> result.difference().isPresent())
                .toList();
        if (invocation.wantsJson()) {
            invocation
                    .console()
                    .json(Map.of(
                            "cases",
                            results.size(),
                            "different",
                            different.stream().map(TestCommand::asObject).toList()));
        } else {
            print(results.size(), different);
        }
        return (different.isEmpty() ? ExitCode.DONE : ExitCode.FAILED).number();
    }

    private void print(int count, List<Cases.Result> different) {
        Console console = invocation.console();
        for (Cases.Result result : different) {
            console.print(
                    console.styled(Style.BAD, "differs"),
                    " " + result.of().at()
                            + (result.of().name().isEmpty()
                                    ? ""
                                    : " " + result.of().name()) + ": "
                            + result.difference().orElseThrow());
        }
        String all = count == 1 ? "1 case" : count + " cases";
        console.print(different.isEmpty() ? all + ", all as expected" : different.size() + " of " + all + " differ");
    }

    private static Map<String, Object> asObject(Cases.Result result) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("name", result.of().name());
        object.put("at", result.of().at().toString());
        object.put("difference", result.difference().orElseThrow());
        return object;
    }
}
