// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.cli.invocation;

/** The version that the build wrote into the jar. */
public final class Version {

    private Version() {}

    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
