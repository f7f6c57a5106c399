// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.SettingFlags;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.TlsKeys;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ScopeType;

/** The options that every command takes: one for each key of the table, and those about the run itself. */
final class Flags {

    private static final Set<Key<?>> SHOWN = Set.of(Keys.DIR, TlsKeys.VALIDATION, TlsKeys.RELAX);

    /** The synopsis breaks longer ones in the middle of a word. */
    private static final int LONGEST_LABEL = 30;

    private Flags() {}

    static void addTo(CommandSpec root, Invocation invocation) {
        root.addOption(taking(Path.class, invocation::configuration, "--config")
                .paramLabel("FILE")
                .description("the configuration file; default mcp-mtls.yaml, where there is one")
                .build());
        root.addOption(taking(String.class, invocation::credential, "--credential")
                .paramLabel("NAME")
                .completionCandidates(CompletionCommand.values("--credential", "NAME"))
                .description("the credential to present, instead of the configured one")
                .build());
        // An array, because -vv sets the option twice.
        root.addOption(option("-v", "--verbose")
                .type(boolean[].class)
                .auxiliaryTypes(boolean.class)
                .arity("0")
                .setter(new OnValue<>(boolean[].class, again -> invocation.beVerbose()))
                .description("say more; twice, log everything")
                .build());
        root.addOption(switching(invocation::printJson, "--json")
                .description("print one JSON object")
                .build());
        for (Key<?> key : Keys.all()) {
            SettingFlags.of(key).forEach(flag -> root.addOption(setting(key, flag, invocation)));
        }
    }

    /** An option of its own for each name, so that errors can say the one that was typed; help shows the shortest. */
    private static OptionSpec setting(Key<?> key, String flag, Invocation invocation) {
        boolean isShown = SHOWN.contains(key) && flag.equals(SettingFlags.shortest(key));
        String form = key.type().form();
        boolean isShort = form.length() <= LONGEST_LABEL;
        return taking(String.class, text -> invocation.flag(key, flag, text), flag)
                .paramLabel(isShort ? form : form.endsWith(",...") ? "LIST" : "VALUE")
                .completionCandidates(CompletionCommand.values(flag, form))
                .description(isShort ? key.doc() : key.doc() + " (" + form.replace("|", " | ") + ")")
                .hidden(!isShown)
                .build();
    }

    private static <T> OptionSpec.Builder taking(Class<T> type, Consumer<T> setter, String... names) {
        return option(names).type(type).arity("1").setter(new OnValue<>(type, setter));
    }

    private static OptionSpec.Builder switching(Runnable action, String... names) {
        return option(names).type(boolean.class).arity("0").setter(new OnValue<>(Boolean.class, set -> {
            if (set) {
                action.run();
            }
        }));
    }

    private static OptionSpec.Builder option(String... names) {
        return OptionSpec.builder(names).scopeType(ScopeType.INHERIT);
    }

    /** Passes on the values that the user gave; picocli also sets every absent option, to null. */
    private record OnValue<T>(Class<T> type, Consumer<T> consumer) implements picocli.CommandLine.Model.ISetter {
        @Override
        @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
        public <V> V set(V value) {
            if (value != null) {
                consumer.accept(type.cast(value));
            }
            return value;
        }
    }
}
