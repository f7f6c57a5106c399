// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import dev.mcpmtls.cli.console.Console;
import dev.mcpmtls.cli.console.Console.Style;
import dev.mcpmtls.cli.invocation.Invocation;
import dev.mcpmtls.cli.invocation.SettingFlags;
import dev.mcpmtls.runtime.ConfiguredTrust;
import dev.mcpmtls.runtime.settings.AnchorEntry;
import dev.mcpmtls.runtime.settings.Key;
import dev.mcpmtls.runtime.settings.Keys;
import dev.mcpmtls.runtime.settings.Settings;
import dev.mcpmtls.runtime.settings.SettingsText;
import dev.mcpmtls.runtime.settings.TlsKeys;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows what is configured, and what can be. */
@Command(
        name = "config",
        description = "Prints the settings in force and where each came from, as a configuration file.")
final class ConfigCommand implements Runnable {

    private final Invocation invocation;

    @Option(names = "--keys", description = "list every key with its meaning, default, variable and flag instead")
    private boolean listsKeys;

    ConfigCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public void run() {
        if (listsKeys && invocation.wantsJson()) {
            invocation
                    .console()
                    .json(Map.of(
                            "keys",
                            Keys.all().stream().map(ConfigCommand::asObject).toList()));
            return;
        }
        if (listsKeys) {
            Keys.all().forEach(this::printKey);
            return;
        }
        Settings settings = invocation.settings();
        if (invocation.wantsJson()) {
            invocation.console().json(asObject(settings));
        } else {
            SettingsText.of(settings).forEach(this::printSetting);
            settings.oauth()
                    .forEach((server, oauth) -> invocation
                            .console()
                            .printWhole("# servers." + server + ".oauth: " + oauth.summary() + " # " + oauth.origin()));
            ConfiguredTrust.anchorsToBind(settings)
                    .forEach(entry -> invocation
                            .console()
                            .complain("the trust anchors in " + entry
                                    + " should be bound to the names they may vouch for: {file: " + entry
                                    + ", for: [\"spiffe://partner.example/**\"]}"));
        }
    }

    private void printSetting(String line) {
        Console console = invocation.console();
        int comment = line.lastIndexOf(" # ");
        boolean isDefault = line.endsWith(" # default");
        if (comment < 0 || !isDefault) {
            console.printWhole(line);
        } else {
            console.printWhole(line.substring(0, comment), console.styled(Style.FAINT, line.substring(comment)));
        }
    }

    private void printKey(Key<?> key) {
        Console console = invocation.console();
        String standard = String.join(", ", key.defaults());
        console.print(console.styled(Style.STRONG, key.path()), ": ", key.doc());
        console.print("    " + key.type().form() + "; default " + (standard.isEmpty() ? "none" : standard));
        console.print("    " + String.join(", ", SettingFlags.of(key)) + ", " + key.variable());
    }

    private static Map<String, Object> asObject(Key<?> key) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("key", key.path());
        object.put("meaning", key.doc());
        object.put("form", key.type().form());
        object.put("default", key.defaults());
        object.put("flags", SettingFlags.of(key));
        object.put("variable", key.variable());
        return object;
    }

    private static Map<String, Object> asObject(Settings settings) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (Key<?> key : Keys.all()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("value", value(settings, key));
            entry.put("origin", settings.origin(key));
            object.put(key.path(), entry);
        }
        settings.oauth()
                .forEach((server, oauth) -> object.put(
                        "servers." + server + ".oauth", Map.of("value", oauth.summary(), "origin", oauth.origin())));
        return object;
    }

    private static @Nullable Object value(Settings settings, Key<?> key) {
        if (key.equals(TlsKeys.TRUST_ANCHORS)) {
            return settings.get(TlsKeys.TRUST_ANCHORS).stream()
                    .map(AnchorEntry::asObject)
                    .toList();
        }
        return key.type().isList()
                ? settings.elements(key)
                : settings.elements(key).stream().findFirst().orElse(null);
    }
}
