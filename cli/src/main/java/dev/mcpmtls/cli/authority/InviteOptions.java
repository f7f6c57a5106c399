// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.authority;

import dev.mcpmtls.authority.Authority;
import dev.mcpmtls.authority.Enrolment.NewInvitation;
import dev.mcpmtls.authority.Grant;
import dev.mcpmtls.authority.Invitation;
import dev.mcpmtls.authority.Store;
import dev.mcpmtls.cli.cert.GrantOptions;
import dev.mcpmtls.cli.invocation.ExitCode;
import dev.mcpmtls.cli.invocation.Failure;
import dev.mcpmtls.cli.invocation.OptionValue;
import dev.mcpmtls.cli.invocation.ShellWords;
import dev.mcpmtls.enrolment.JoinToken;
import dev.mcpmtls.identity.PublicKeyPin;
import dev.mcpmtls.runtime.settings.BadSettingException;
import dev.mcpmtls.runtime.settings.Settings;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The options that say what an invitation grants. */
final class InviteOptions {

    private static final Duration LONGEST = Duration.ofDays(7);

    @Parameters(paramLabel = "NAME", description = "the name of the machine's credential, for example laptop-7")
    private String name = "";

    @Mixin
    private GrantOptions granted = new GrantOptions();

    @Option(
            names = "--ttl",
            paramLabel = "DURATION",
            defaultValue = "15m",
            description = "how long the token is valid; default ${DEFAULT-VALUE}, at most 7d")
    private String ttl = "15m";

    @Option(
            names = "--uses",
            paramLabel = "NUMBER",
            defaultValue = "1",
            description = "how many machines may join with it; default ${DEFAULT-VALUE}")
    private int uses = 1;

    @Option(names = "--local", description = "allow an address that only this machine can reach")
    private boolean isLocal;

    /** The invitation, and the token that goes with it. */
    record Made(Invitation invitation, JoinToken token) {}

    /** Makes the invitation, once all options were checked. */
    Made invite(Authority authority, Store store, Settings settings) {
        Grant grant = grant(settings);
        Duration validity = OptionValue.duration("--ttl", ttl);
        if (validity.compareTo(LONGEST) > 0) {
            throw new BadSettingException("--ttl: a token is valid for at most 7d; invite again when it is needed");
        }
        if (uses < 1 || uses > 1_000) {
            throw new BadSettingException("--uses: " + uses + " is not a number from 1 to 1000");
        }
        URI address = address(store, settings);
        NewInvitation made = authority.enrolment().invite(grant, validity, uses);
        PublicKeyPin pin =
                PublicKeyPin.of(authority.anchors().certificates().get(0).getPublicKey());
        String id = made.invitation().id();
        return new Made(made.invitation(), new JoinToken(address, pin, id, made.secret(), grant.name()));
    }

    private URI address(Store store, Settings settings) {
        String serve = "run 'mcp-mtls authority serve --listen 0.0.0.0:8440 --name HOST" + ShellWords.sameDir(settings)
                + "' with the name under which others reach this machine";
        URI address = store.address()
                .orElseThrow(() -> new Failure(
                        ExitCode.USAGE,
                        List.of(
                                "cannot invite: 'mcp-mtls authority serve' has not run here, so no address is known",
                                serve)));
        if (!isLocal && isThisMachine(address.getHost())) {
            throw new Failure(
                    ExitCode.USAGE,
                    List.of(
                            "cannot invite: only this machine can reach " + address,
                            serve + "; or add --local for another directory of this machine"));
        }
        return address;
    }

    private static boolean isThisMachine(String host) {
        return host.equals("localhost")
                || host.endsWith(".localhost")
                || host.matches("127\\.[0-9.]+|0\\.0\\.0\\.0|\\[(0*:)*0*:?0*[01]]|\\[::ffff:127\\..*]");
    }

    private Grant grant(Settings settings) {
        if (granted.isServerWithoutNames()) {
            throw new BadSettingException(
                    "--san: a server needs the names under which clients reach it, for example --san files.example.org");
        }
        return granted.grant(settings, name);
    }
}
