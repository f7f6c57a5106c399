// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

import dev.mcpmtls.remedy.Act;
import dev.mcpmtls.remedy.RemedyWording;
import dev.mcpmtls.remedy.Setting;
import dev.mcpmtls.runtime.settings.Keys;

/** Words remedies as commands, and settings with their flags. A service, so that logs and audit records have these words too. */
public final class CommandWording implements RemedyWording {

    /** For {@link java.util.ServiceLoader}. */
    public CommandWording() {}

    @Override
    public String clause(Act act) {
        return switch (act.verb()) {
            case ISSUE -> "run " + quoted(act) + " (for a server with --purpose server)";
            case LIST_SETTINGS -> quoted(act) + " lists all keys";
            case SHOW_PINS -> quoted(act) + " shows the difference";
            default -> "run " + quoted(act);
        };
    }

    @Override
    public String hint(Act act) {
        return switch (act.verb()) {
            case RENEW -> " (" + quoted(act) + " where that is ours)";
            case SHOW -> " (" + quoted(act) + " prints them)";
            default -> " (" + quoted(act) + ")";
        };
    }

    @Override
    public String setting(Setting setting) {
        return switch (setting) {
            case STORE -> "--dir";
            case CREDENTIAL -> "--credential";
            case DIAGNOSIS_TIMEOUT -> "--timeout";
            case CONFIGURATION_FILE -> "--config";
            case PLAIN_UPSTREAM -> "--unsafe-plain-upstream (unsafe-plain-upstream: true)";
            case AUTHORITY_PASSPHRASE -> "--passphrase-file or " + PassphraseOption.VARIABLE;
            case TRUST_ANCHORS, TOLERATE, PINS, CHAIN_MAX_LENGTH, CHAIN_MAX_BYTES, REVOCATION_CRL ->
                setting.key() + " (" + flag(setting.key()) + ")";
        };
    }

    /** Entries of one's own, and the authority, have flags of their commands. */
    @Override
    public String key(String key) {
        boolean isSetting = Keys.all().stream().anyMatch(known -> known.path().equals(key));
        String flag =
                isSetting && !key.startsWith("authority.") ? flag(key) : "--" + key.substring(key.lastIndexOf('.') + 1);
        return key + ", or " + flag;
    }

    @Override
    public String setting(Setting setting, String value) {
        return setting.key() + ": [" + value + "] (" + flag(setting.key()) + " " + value + ")";
    }

    private static String quoted(Act act) {
        return "'" + command(act) + act.store().map(ShellWords::dir).orElse("") + "'";
    }

    private static String command(Act act) {
        String credential = act.credential().isEmpty() ? "NAME" : act.credential();
        return switch (act.verb()) {
            case RENEW -> "mcp-mtls cert renew " + credential;
            case REKEY -> "mcp-mtls cert rekey " + credential;
            case ISSUE, ISSUE_FOR_CLIENT -> "mcp-mtls cert issue " + credential; // for a client by default
            case ISSUE_FOR_SERVER -> "mcp-mtls cert issue " + credential + " --purpose server";
            case INITIALISE -> "mcp-mtls init";
            case ROLL_OVER -> "mcp-mtls cert rollover";
            case PREPARE_ROLLOVER -> "mcp-mtls cert rollover prepare";
            case SHOW_ROLLOVER -> "mcp-mtls cert rollover status";
            case LIST_CERTIFICATES -> "mcp-mtls cert list";
            case JOIN -> "mcp-mtls join";
            case WITHDRAW_INVITATION -> "mcp-mtls authority uninvite";
            case LIST_INVITATIONS -> "mcp-mtls authority invitations";
            case SHOW -> "mcp-mtls cert show";
            case LIST_SETTINGS -> "mcp-mtls config";
            case SHOW_PINS -> "mcp-mtls pins " + credential;
            case EXPLAIN_CALL -> "mcp-mtls policy explain";
            case RELAX_ON_NETWORK -> "mcp-mtls serve --unsafe-relaxed-on-network";
        };
    }

    private static String flag(String path) {
        return Keys.all().stream()
                .filter(key -> key.path().equals(path))
                .map(SettingFlags::shortest)
                .findFirst()
                .orElseThrow();
    }
}
