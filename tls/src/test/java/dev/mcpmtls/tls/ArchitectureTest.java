// SPDX-License-Identifier: Apache-2.0
package dev.mcpmtls.tls;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;

/** The arrows between the rooms of this module, and out of it. */
@AnalyzeClasses(packages = "dev.mcpmtls.tls", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule NO_CYCLES_BETWEEN_PACKAGES =
            slices().assignedFrom(new Packages()).should().beFreeOfCycles();

    @ArchTest
    static final ArchRule THE_PROFILE_IS_KNOWN_TO_NO_ROOM_BELOW_IT = noClasses()
            .that()
            .resideInAnyPackage("..tls.handshake..", "..tls.reload..", "..tls.revocation..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.mcpmtls.tls");

    @ArchTest
    static final ArchRule ONLY_THE_JDK_AND_SLF4J = classes()
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "dev.mcpmtls.tls..",
                    "dev.mcpmtls.files..",
                    "dev.mcpmtls.remedy..",
                    "dev.mcpmtls.identity..",
                    "dev.mcpmtls.trust..",
                    "dev.mcpmtls.audit..",
                    "java..",
                    "javax.net.ssl..",
                    "javax.security.auth.x500..",
                    "org.jspecify..",
                    "org.slf4j..");

    /** Each package for itself, the module's own too, which patterns for slices leave out. */
    private static final class Packages implements SliceAssignment {

        @Override
        public SliceIdentifier getIdentifierOf(JavaClass type) {
            return SliceIdentifier.of(type.getPackageName());
        }

        @Override
        public String getDescription() {
            return "packages";
        }
    }
}
