#ifndef DN_JOIN_H
#define DN_JOIN_H

/// Two names as one, after their macros are expanded: how a template names what it defines.
#define DN_JOIN(a, b) DN_JOIN2(a, b)
#define DN_JOIN2(a, b) a##_##b

#endif
