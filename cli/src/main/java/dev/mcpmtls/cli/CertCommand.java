// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli;

import picocli.CommandLine.Command;

/** The credentials and the authority. */
@Command(name = "cert", description = "Lists, shows, issues, renews and revokes certificates.")
final class CertCommand {

    private final Invocation invocation;

    CertCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    Invocation invocation() {
        return invocation;
    }
}
